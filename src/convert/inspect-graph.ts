// What a graph by others holds, and every reason that it could not be served.
import type { Inspection } from '../contracts/inspection.js';
import { pictureFor } from './image-input.js';
import { Survey } from './survey.js';
import { countParameters, type Weights } from './tensorflow/constants.js';
import { freeze } from './tensorflow/freeze.js';
import type { Endpoint, GraphModel } from './tensorflow/graph-model.js';
import { listOperations } from './tensorflow/list-operations.js';
import { modelOutput } from './tensorflow/model-output.js';
import { scalesPixels } from './tensorflow/scaling.js';
import { usedPart } from './tensorflow/used-part.js';

export async function inspectGraph(model: GraphModel): Promise<Inspection> {
  const { what, graph, input, output } = model;
  const survey = new Survey();
  const used = survey.attempt(() => usedPart(model)) ?? { nodes: [], functions: [] };
  const frozen = survey.attempt(() => freeze(used, what)) ?? used;
  const nodes = [...frozen.nodes, ...frozen.functions.flatMap((body) => body.nodes)];
  const weights = await model.weights(nodes).catch((error: unknown): Weights => {
    survey.note(error);
    return new Map();
  });
  const result = survey.attempt(() => modelOutput(used, output, undefined, what));
  survey.attempt(() => pictureFor(input.shape ?? [null, null, null, null], {}));
  return {
    kerasVersion: null,
    model: { name: output.node, className: `graph of ${graph.nodes.length} nodes` },
    layers: [],
    operations: listOperations(used, what),
    inputs: [describe(input, input.shape)],
    outputs: [describe(output, result?.shape)],
    preprocessing: scalesPixels(used, input) ? ['pixels are scaled in the graph'] : [],
    parameters: countParameters(nodes, weights, what),
    notices: [],
    faults: survey.faults,
  };
}

const describe = ({ node }: Endpoint, shape: Endpoint['shape']): Inspection['inputs'][number] => ({
  name: node,
  shape: shape === undefined ? null : [...shape],
});
