// What a checkpoint holds, and every reason that it could not be served: each layer is tried, whatever became of the
// others, and nothing is written.
import type { InspectOptions } from '../contracts/conversion.js';
import type { Inspection } from '../contracts/inspection.js';
import { buildArchitecture } from './build-graph.js';
import { classOutput } from './class-output.js';
import { GraphBuilder } from './graph/builder.js';
import { pictureFor } from './image-input.js';
import type { Architecture } from './keras/architecture.js';
import { describePreprocessing, isChannelsFirst, noticesOf } from './keras/describe.js';
import { startsWithScaling } from './keras/own-scaling.js';
import { inputShapes, onlyInputShape } from './keras/input-shape.js';
import { WeightRegistry } from './keras/weights.js';
import { inspectGraph } from './inspect-graph.js';
import { majorOf, type Checkpoint } from './open-checkpoint.js';
import { openModel } from './open-model.js';
import { Survey } from './survey.js';

/** Shown where a model takes pictures of any size: what most of them were trained on. */
const ASSUMED_SIZE = 224;
const ASSUMED_CHANNELS = 3;
const ANY_SIZE = `The model takes pictures of any size: input.size in the manifest says which to serve. Shown for ${ASSUMED_SIZE}x${ASSUMED_SIZE}.`;

export const inspectCheckpoint = (options: InspectOptions): Promise<Inspection> =>
  openModel(
    { ...options, ends: {} },
    {
      layers: (checkpoint) => Promise.resolve(inspectOpened(checkpoint, options)),
      graph: inspectGraph,
    },
  );

export function inspectOpened(
  checkpoint: Checkpoint,
  { maxParameters }: Pick<InspectOptions, 'maxParameters'>,
): Inspection {
  const { architecture, kerasVersion } = checkpoint;
  const survey = new Survey();
  const weights = new WeightRegistry(maxParameters);
  const notices: string[] = [...noticesOf(architecture)];
  const g = new GraphBuilder();
  const shapes = survey.attempt(() => inputShapes(architecture)) ?? [];
  survey.attempt(() => {
    const shape = onlyInputShape(architecture);
    pictureFor(shape, { height: ASSUMED_SIZE, width: ASSUMED_SIZE }, isChannelsFirst(architecture));
    if (shape.slice(1).includes(null)) notices.push(ANY_SIZE);
  });

  const channelAxis = isChannelsFirst(architecture) ? 1 : -1;
  const inputs = shapes.map((shape) => {
    const assumed = shape.map((size, axis) => size ?? (axis === 0 ? null : ASSUMED_SIZE));
    if (shape.length === 4 && shape.at(channelAxis) === null)
      assumed.splice(channelAxis, 1, ASSUMED_CHANNELS);
    return g.add('Placeholder', { shape: assumed });
  });
  const walk = { g, weights, path: [], kerasMajor: majorOf(checkpoint), watch: survey };
  if (inputs.length === 0) architecture.layers.forEach((layer) => survey.skipped([layer.name], layer));
  const outputs =
    inputs.length === 0 ? undefined : survey.attempt(() => buildArchitecture(walk, architecture, inputs));
  const [output] = outputs ?? [];
  if (output !== undefined) survey.attempt(() => classOutput(g, output, 'auto', notices));
  // Datasets are told from each other by all the weights that are asked for: a part of them proves nothing.
  if (survey.complete) checkpoint.weights.bind(weights.all, (bind) => survey.attempt(bind));
  if (!startsWithScaling(architecture)) {
    notices.push(
      'Nothing in the model scales pixels: 0..1 is assumed, unless input.scale in the manifest says otherwise.',
    );
  }
  return {
    kerasVersion,
    model: { name: architecture.name, className: architecture.className },
    layers: listed(architecture, survey, parametersByLayer(weights), []),
    inputs: architecture.inputs.map((ref, at) => ({ name: ref.layer, shape: mutable(shapes[at]) })),
    outputs: architecture.outputs.map((ref, at) => ({
      name: ref.layer,
      shape: mutable(outputs?.[at]?.shape),
    })),
    preprocessing: [...describePreprocessing(architecture)],
    parameters: weights.parameters,
    notices,
    faults: survey.faults,
  };
}

/** In the order of the model's layers, those of nested models below theirs. */
function listed(
  { layers }: Architecture,
  survey: Survey,
  parameters: ReadonlyMap<string, number>,
  around: readonly string[],
): Inspection['layers'] {
  return layers.flatMap((layer) => {
    const path = [...around, layer.name];
    const shape = survey.shapeOf(path);
    const inner = layer.inner === undefined ? [] : listed(layer.inner, survey, parameters, path);
    const own = parameters.get(JSON.stringify(path)) ?? 0;
    const known = shape !== undefined && inner.every((part) => part.parameters !== null);
    const row = {
      name: layer.name,
      className: layer.className,
      depth: around.length,
      outputShape: mutable(shape),
      parameters: known
        ? inner
            .filter((part) => part.depth === path.length)
            .reduce((sum, part) => sum + (part.parameters ?? 0), own)
        : null,
      refused: survey.isRefused(path),
    };
    return [row, ...inner];
  });
}

function parametersByLayer(weights: WeightRegistry): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const weight of weights.all) {
    const key = JSON.stringify(weight.path);
    sums.set(key, (sums.get(key) ?? 0) + weight.size);
  }
  return sums;
}

const mutable = (shape: readonly (number | null)[] | undefined): (number | null)[] | null =>
  shape === undefined ? null : [...shape];
