// A TensorFlow graph by others in, one SavedModel folder out: cut down to what is run, checked, its variables made
// constants, and set between the same first and last nodes as a Keras model.
import type { Conversion, Converted } from '../contracts/artifact.js';
import { GRAPH_OUTPUT } from '../contracts/graph-names.js';
import { AppError } from '../errors/app-error.js';
import { classOutput } from './class-output.js';
import type { ConvertOptions } from '../contracts/conversion.js';
import { graphInput } from './graph-input.js';
import { GraphBuilder } from './graph/builder.js';
import type { Graph, Node } from './graph/node.js';
import { reshape } from './graph/ops/shaping.js';
import { optimise } from './graph/passes/optimise.js';
import type { FunctionDef, SavedModelDef } from './saved-model/protos.js';
import { nodeDefs, writeDefinition } from './saved-model/write.js';
import { ModelFiles } from './saved-model/model-files.js';
import { countParameters, placeConstants } from './tensorflow/constants.js';
import { freeze } from './tensorflow/freeze.js';
import type { GraphModel } from './tensorflow/graph-model.js';
import { modelOutput } from './tensorflow/model-output.js';
import { listOperations } from './tensorflow/list-operations.js';
import { Readers } from './tensorflow/readers.js';
import type { Reached } from './tensorflow/reach.js';
import { splice } from './tensorflow/splice.js';
import { usedPart } from './tensorflow/used-part.js';

type GraphOptions = Omit<ConvertOptions, 'checkpoint'>;

/** Under this name stands, among our nodes, the whole of theirs. */
const STAND_IN = 'model';

export async function convertGraph(model: GraphModel, options: GraphOptions): Promise<Converted> {
  const { what } = model;
  const served = usedPart(model);
  const { graph, standIn, conversion } = surround(model, served, options);

  const { nodes, functions } = freeze(served, what);
  const all = [...nodes, ...functions.flatMap((body) => body.nodes)];
  const weights = await model.weights(all);
  const parameters = countParameters(all, weights, what);
  if (parameters > options.maxParameters) {
    throw new AppError(
      'model_too_large',
      `${what}: the graph has ${parameters.toLocaleString('en')} parameters`,
    );
  }
  const files = new ModelFiles(options.write);
  const placement = { weights, files, readers: new Readers(functions, new Set(['Identity'])), what };
  const theirs = await placeConstants(nodes, placement);
  const bodies: FunctionDef[] = [];
  for (const body of functions) bodies.push({ ...body, nodes: await placeConstants(body.nodes, placement) });
  const { versions } = model.graph;
  const definition: Omit<SavedModelDef, 'inputs' | 'outputs'> = {
    nodes: splice(await nodeDefs(graph.nodes, files), theirs, { ...model, standIn }),
    functions: bodies,
    ...(versions === undefined ? {} : { versions }),
  };
  await writeDefinition(graph, definition, files);
  return { ...conversion, totalParameters: parameters, files: files.hashes };
}

interface Surrounded {
  readonly graph: Graph;
  readonly standIn: Node;
  readonly conversion: Omit<Conversion, 'totalParameters'>;
}

/** Our nodes around theirs. */
function surround(
  model: GraphModel,
  served: Reached,
  { head, graph: ends, precision }: GraphOptions,
): Surrounded {
  const notices: string[] = [];
  const { shape, ending, certain } = modelOutput(served, model.output, ends?.classes, model.what);
  const g = new GraphBuilder();
  const input = g.within('input', () => graphInput(g, model, served, head, notices));
  const standIn = g.add(ending, { name: STAND_IN, inputs: [input.model], shape });
  // Where the graph does not say its shape, it may have axes of size 1.
  const output = certain ? standIn : reshape(g, standIn, shape.slice(1).map(Number));
  const result = head.kind === 'raw' ? output : classOutput(g, output, head.output, notices);
  const last = g.add('Identity', { name: GRAPH_OUTPUT, inputs: [result], shape: result.shape, exact: true });
  const batch = model.input.shape?.[0] ?? undefined;
  if (batch !== undefined) {
    notices.push(
      `The graph was exported for ${batch} pictures at a time, and runs no more. Export it with an open batch.`,
    );
  }
  if (precision !== 'float32') notices.push('A graph computes in the precision that it was exported in.');
  const graph = optimise(g.finish(input.placeholder, last), 'float32');
  return {
    graph,
    standIn: graph.nodes.find(({ name }) => name === STAND_IN) ?? standIn,
    conversion: {
      inputShape: [...input.placeholder.shape],
      inputDtype: head.kind === 'raw' ? 'float32' : 'uint8',
      outputShape: [...result.shape],
      modelInputShape: [...input.modelShape],
      channelsFirst: input.channelsFirst,
      modelOutputShape: [...shape],
      architecture: listOperations(served, model.what),
      kerasVersion: null,
      precision: 'float32',
      ...(batch === undefined ? {} : { maxBatch: batch }),
      notices,
    },
  };
}
