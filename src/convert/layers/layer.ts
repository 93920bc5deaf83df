// What a layer is to the converter: its Keras names, the options it heeds, and how it is built from operations.
import type { LayerCallConfig } from '../keras/architecture.js';
import type { ConfigReader } from '../keras/config-reader.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import type { FloatTensor } from '../graph/tensor.js';

export interface LayerCall {
  readonly g: GraphBuilder;
  readonly config: ConfigReader;
  readonly inputs: readonly Node[];
  readonly call: LayerCallConfig;
  /** 1, 2 or 3: some options changed their meaning. */
  readonly kerasMajor: number;
  /** The only input; a config fault where there are none or more. */
  readonly input: () => Node;
  /** Declares a weight, in the order in which Keras creates them. */
  readonly weight: (
    name: string,
    shape: readonly number[],
    options?: { readonly trainable: boolean },
  ) => FloatTensor;
  /** Builds a layer that this one wraps, as written under `key` of the config, or as `written` there. */
  readonly wrapped: (key: string, inputs: readonly Node[], written?: unknown) => Node;
}

export interface LayerSpec {
  /** Keras class names; older spellings after the present one. */
  readonly names: readonly [string, ...string[]];
  /** Options that are heeded, with what is understood where it is not everything. */
  readonly options: Readonly<Record<string, string>>;
  /** More than one output only where a layer has several. */
  build(call: LayerCall): Node | readonly Node[];
}

/** An axis as Keras writes it, from the end when negative, as one from the start. */
export function axisOf(config: ConfigReader, axis: number, rank: number, key = 'axis'): number {
  const settled = axis < 0 ? axis + rank : axis;
  if (settled < 0 || settled >= rank) return config.fail(key, `an axis of a tensor of ${rank} axes`, axis);
  return settled;
}

/** Sizes of a tensor without its batch. */
export const sizes = (node: Node): readonly number[] => node.shape.slice(1).map(Number);
