// A model's architecture as all generations of Keras mean it, whichever way they wrote it down.
import type { ConfigReader } from './config-reader.js';

/** The output of one call of a layer. */
export interface TensorRef {
  readonly layer: string;
  /** Which call of the layer, the first being 0. */
  readonly call: number;
  readonly output: number;
}

export interface LayerCallConfig {
  readonly inputs: readonly TensorRef[];
  /** As written, for operations that take more than tensors. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

export interface LayerConfig {
  readonly className: string;
  readonly name: string;
  readonly config: ConfigReader;
  readonly calls: readonly LayerCallConfig[];
  /** A model used as a layer. */
  readonly inner?: Architecture;
  /** A model inside of a layer, such as a TimeDistributed. */
  readonly wrappedModel?: LayerConfig;
  /** A wrapper that acts while training was taken off: files know the layer by the wrapper's class, or by its own name. */
  readonly unwrapped?: { readonly wrapperClass: string; readonly innerName: string };
}

/** Sequential models are read as chains, so there is one kind of architecture only. */
export interface Architecture {
  readonly name: string;
  readonly className: string;
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

/** The layers with these names, each inside the one before; as far as there are such. */
export function layersAlong(architecture: Architecture, path: readonly string[]): readonly LayerConfig[] {
  const along: LayerConfig[] = [];
  let within: Architecture | undefined = architecture;
  for (const name of path) {
    const layer: LayerConfig | undefined = within?.layers.find((candidate) => candidate.name === name);
    if (layer === undefined) break;
    along.push(layer);
    within = layer.inner;
  }
  return along;
}
