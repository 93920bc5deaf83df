// Walks an architecture from its inputs to its outputs and builds the graph, layer by layer.
import { AppError } from '../errors/app-error.js';
import type { GraphBuilder } from './graph/builder.js';
import type { Node } from './graph/node.js';
import type { Architecture, LayerCallConfig, LayerConfig, TensorRef } from './keras/architecture.js';
import { planCalls, type PlannedCall } from './keras/call-order.js';
import { readLayer } from './keras/read-architecture.js';
import { refuseQuantised } from './keras/refused-layer.js';
import { refuseLargeSteps, refuseSizes } from './keras/sizes.js';
import type { WeightRegistry } from './keras/weights.js';
import type { LayerCall, LayerSpec } from './layers/layer.js';
import { layerSpec } from './layers/table.js';

/** A wrapper in a wrapper is rare already. */
const MAX_WRAPPERS = 8;

export interface Walk {
  readonly g: GraphBuilder;
  readonly weights: WeightRegistry;
  readonly kerasMajor: number;
  /** Models around this one, outermost first. */
  readonly path: readonly string[];
  /** Layers that wrap this one: their names come before its weights' names. */
  readonly wrappers?: readonly string[];
  readonly watch?: Watch;
}

/** Hears of every layer. Without one, the first fault ends the walk; with one, it goes on past it as far as it can. */
export interface Watch {
  built(path: readonly string[], outputs: readonly Node[]): void;
  failed(path: readonly string[], error: unknown): void;
  /** Not tried, for a layer before it was not built. */
  skipped(path: readonly string[], layer: LayerConfig): void;
}

/** A watched model whose outputs hang on a layer that failed, which was told of already. */
export class UnbuiltModel extends Error {}

/** The output nodes of `architecture` for these inputs. */
export function buildArchitecture(
  walk: Walk,
  architecture: Architecture,
  inputs: readonly Node[],
): readonly Node[] {
  const values = new Map<string, Node>();
  const key = (ref: TensorRef): string => JSON.stringify([ref.layer, ref.call, ref.output]);

  if (inputs.length !== architecture.inputs.length) {
    throw new AppError(
      'config_malformed',
      `model "${architecture.name}" takes ${architecture.inputs.length} inputs and is given ${inputs.length}`,
    );
  }
  architecture.inputs.forEach((ref, at) => {
    const input = inputs[at];
    if (input === undefined) return;
    refuseSizes(`the input "${ref.layer}"`, input.shape);
    values.set(key({ ...ref, call: 0 }), input);
    walk.watch?.built([...walk.path, ref.layer], [input]);
  });

  const plan = planCalls(architecture);
  const unbuilt = new Set<string>();
  const buildCall = (planned: PlannedCall): void => {
    const arguments_ = planned.inputs.map((ref) => {
      const value = values.get(key(ref));
      if (value !== undefined) return value;
      throw new AppError(
        'config_malformed',
        `layer "${planned.layer.name}" uses an output of "${ref.layer}" that does not exist`,
      );
    });
    const outputs = walk.g.within(planned.layer.name, () => runLayer(walk, planned, arguments_));
    for (const output of outputs) refuseSizes(`layer "${planned.layer.name}"`, output.shape);
    outputs.forEach((output, at) =>
      values.set(key({ layer: planned.layer.name, call: planned.at, output: at }), output),
    );
    walk.watch?.built([...walk.path, planned.layer.name], outputs);
  };
  for (const planned of plan.calls) {
    const { layer, at, inputs: needed } = planned;
    if (values.has(key({ layer: layer.name, call: at, output: 0 }))) continue;
    const path = [...walk.path, layer.name];
    if (needed.some((ref) => unbuilt.has(ref.layer))) {
      unbuilt.add(layer.name);
      walk.watch?.skipped(path, layer);
      continue;
    }
    try {
      buildCall(planned);
    } catch (error) {
      if (walk.watch === undefined) throw error;
      unbuilt.add(layer.name);
      if (!(error instanceof UnbuiltModel)) walk.watch.failed(path, error);
    }
  }

  return plan.outputs.map((ref) => {
    const value = values.get(key(ref));
    if (value !== undefined) return value;
    if (unbuilt.has(ref.layer)) throw new UnbuiltModel();
    throw new AppError(
      'config_malformed',
      `model "${architecture.name}": its output "${ref.layer}" does not exist`,
    );
  });
}

function runLayer(walk: Walk, { layer, call }: PlannedCall, inputs: readonly Node[]): readonly Node[] {
  if (layer.inner !== undefined) {
    return buildArchitecture(
      { ...walk, path: [...walk.path, ...(walk.wrappers ?? []), layer.name], wrappers: [] },
      layer.inner,
      inputs,
    );
  }
  const spec = specOf(layer);
  try {
    const before = walk.g.count;
    const built = spec.build(layerCall(walk, layer, call, inputs));
    refuseLargeSteps(
      layer.config.where,
      walk.g.madeSince(before).map(({ shape }) => shape),
    );
    return isList(built) ? built : [built];
  } catch (error) {
    // Operations check shapes without knowing layers; the name is added here.
    if (error instanceof RangeError)
      throw new AppError('config_malformed', `${layer.config.where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** How a layer is built; throws where it is not one that can be. */
export function specOf(layer: LayerConfig): LayerSpec {
  refuseQuantised(layer);
  return layerSpec(layer.className, layer.config.where);
}

const isList = (built: Node | readonly Node[]): built is readonly Node[] => Array.isArray(built);

const layerCall = (
  walk: Walk,
  layer: LayerConfig,
  call: LayerCallConfig,
  inputs: readonly Node[],
): LayerCall => ({
  g: walk.g,
  config: layer.config,
  inputs,
  call,
  kerasMajor: walk.kerasMajor,
  input: () => {
    const [only, ...more] = inputs;
    if (only === undefined || more.length > 0)
      return layer.config.fail('inbound_nodes', 'one input', inputs.length);
    return only;
  },
  weight: (name, shape, options) => {
    const trainable = options?.trainable ?? layer.config.boolean('trainable', true);
    // A wrapped layer's weights belong to its outermost wrapper, under the names on the way to it.
    const [owner, ...way] = [...(walk.wrappers ?? []), layer.name, name];
    return walk.weights.declare([...walk.path, owner], way.join('/'), shape, trainable);
  },
  wrapped: (key, given, written = layer.config.values[key]) => {
    if ((walk.wrappers ?? []).length >= MAX_WRAPPERS) {
      throw new AppError(
        'config_malformed',
        `${layer.config.where}: layers are wrapped more than ${MAX_WRAPPERS} deep`,
      );
    }
    const inner = readLayer(written, 0);
    const around = { ...walk, wrappers: [...(walk.wrappers ?? []), layer.name] };
    const [result] = walk.g.within(inner.name, () =>
      runLayer(around, { layer: inner, at: 0, call, inputs: [] }, given),
    );
    return result ?? layer.config.fail(key, 'a layer with an output', layer.config.values[key]);
  },
});
