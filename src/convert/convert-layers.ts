// A model in Keras layers in, one SavedModel folder out.
import type { Conversion, Converted } from '../contracts/artifact.js';
import { GRAPH_INPUT, GRAPH_OUTPUT } from '../contracts/graph-names.js';
import type { Scale } from '../contracts/preprocessing.js';
import { AppError } from '../errors/app-error.js';
import type { ConvertOptions } from '../contracts/conversion.js';
import { buildArchitecture } from './build-graph.js';
import { classOutput } from './class-output.js';
import { GraphBuilder } from './graph/builder.js';
import type { Graph, Node } from './graph/node.js';
import { ensureShape } from './graph/ops/shaping.js';
import { optimise } from './graph/passes/optimise.js';
import { imageInput, layoutFor, pictureFor } from './image-input.js';
import type { Architecture } from './keras/architecture.js';
import { isChannelsFirst, listLayers, noticesOf } from './keras/describe.js';
import { startsWithScaling } from './keras/own-scaling.js';
import { onlyInputShape } from './keras/input-shape.js';
import { WeightRegistry } from './keras/weights.js';
import { majorOf, type Checkpoint } from './open-checkpoint.js';
import { writeSavedModel } from './saved-model/write.js';

export type OpenedOptions = Omit<ConvertOptions, 'checkpoint' | 'architecture'>;

export async function convertOpened(checkpoint: Checkpoint, options: OpenedOptions): Promise<Converted> {
  const { graph, conversion } = buildGraph(checkpoint, options);
  const files = await writeSavedModel(optimise(graph, options.precision), options.write);
  return { ...conversion, files };
}

function buildGraph(
  checkpoint: Checkpoint,
  options: OpenedOptions,
): { graph: Graph; conversion: Conversion } {
  const { architecture } = checkpoint;
  const g = new GraphBuilder();
  const registry = new WeightRegistry(options.maxParameters);
  const notices: string[] = [...noticesOf(architecture)];
  const modelShape = onlyInputShape(architecture);

  const input = g.within('input', () => modelInput(g, modelShape, checkpoint, options, notices));
  const outputs = buildArchitecture(
    { g, weights: registry, path: [], kerasMajor: majorOf(checkpoint) },
    architecture,
    [input.model],
  );
  const output = chooseOutput(architecture, outputs, options.head, notices);
  checkpoint.weights.bind(registry.all, (bind) => bind());

  const result = options.head.kind === 'raw' ? output : classOutput(g, output, options.head.output, notices);
  return {
    graph: g.finish(
      input.placeholder,
      g.add('Identity', { name: GRAPH_OUTPUT, inputs: [result], shape: result.shape, exact: true }),
    ),
    conversion: {
      inputShape: [...input.placeholder.shape],
      inputDtype: options.head.kind === 'raw' ? 'float32' : 'uint8',
      outputShape: [...result.shape],
      modelInputShape: [...modelShape],
      channelsFirst: modelShape.length === 4 && isChannelsFirst(architecture),
      modelOutputShape: [...output.shape],
      totalParameters: registry.parameters,
      architecture: listLayers(architecture),
      kerasVersion: checkpoint.kerasVersion,
      precision: options.precision,
      notices,
    },
  };
}

function chooseOutput(
  architecture: Architecture,
  outputs: readonly Node[],
  head: OpenedOptions['head'],
  notices: string[],
): Node {
  const names = architecture.outputs.map(({ layer }) => layer);
  const wanted = head.kind === 'pictures' ? head.outputLayer : undefined;
  const chosen = outputs[wanted === undefined ? 0 : names.indexOf(wanted)];
  if (chosen === undefined) {
    throw new AppError(
      'manifest_invalid',
      `output_layer: the outputs are ${names.join(', ') || 'none'}; found "${wanted ?? ''}"`,
    );
  }
  if (wanted === undefined && outputs.length > 1) {
    notices.push(
      `The model has the outputs ${names.join(', ')}; the first is served. Set "output_layer" in the manifest to choose.`,
    );
  }
  return chosen;
}

interface ModelInput {
  readonly placeholder: Node;
  /** What the architecture's input layer stands for. */
  readonly model: Node;
}

function modelInput(
  g: GraphBuilder,
  modelShape: readonly (number | null)[],
  { architecture }: Checkpoint,
  { head }: OpenedOptions,
  notices: string[],
): ModelInput {
  if (head.kind === 'raw') {
    const placeholder = g.add('Placeholder', {
      name: GRAPH_INPUT,
      shape: [null, ...modelShape.slice(1).map((size, axis) => size ?? head.size[axis] ?? 1)],
    });
    return { placeholder, model: ensureShape(g, placeholder) };
  }
  const channelsFirst = isChannelsFirst(architecture);
  const picture = pictureFor(modelShape, head.size, channelsFirst);
  const scale = settleScale(head.scale, architecture, notices);
  const { pixels, scaled } = imageInput(g, picture, scale, layoutFor(modelShape, picture, channelsFirst));
  return { placeholder: pixels, model: scaled };
}

function settleScale(
  scale: Scale | 'auto',
  architecture: Checkpoint['architecture'],
  notices: string[],
): Scale {
  if (scale !== 'auto') return scale;
  if (startsWithScaling(architecture)) return 'raw';
  notices.push(
    'Nothing says how pixels are scaled; 0..1 is assumed. Set "input": { "scale": ... } in the manifest.',
  );
  return '0..1';
}
