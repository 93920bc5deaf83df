// A tfjs model in graph format: a GraphDef in JSON, its constants in the files of weights.
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { isObject } from '../keras/config-reader.js';
import type { NodeDef } from '../saved-model/protos.js';
import { dataTypeNumber } from '../tensorflow/data-types.js';
import { endpointOf, findEnds } from '../tensorflow/find-ends.js';
import { isVariable } from '../tensorflow/freeze.js';
import { parseTensorName, type Endpoint, type GraphModel, type Weight } from '../tensorflow/graph-model.js';
import { chooseEndpoint, type Endpoints } from '../tensorflow/signature.js';
import { GraphJson, shapeFromJson } from './graph-json.js';
import type { ModelJson } from './model-json.js';
import type { ShardedWeight } from './shards.js';

const TYPES: Readonly<Record<ShardedWeight['dtype'], string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
  complex64: 'DT_COMPLEX64',
};

export function readGraphFormat(
  model: ModelJson,
  file: string,
  weights: ReadonlyMap<string, ShardedWeight>,
  ends: GraphEnds,
): GraphModel {
  const graph = new GraphJson(file).graph(model.modelTopology);
  const signature = signatureOf(model);
  const elsewhere = (tensor: string) => endpointOf(graph.nodes, tensor, file);
  return {
    what: file,
    graph,
    ...(signature === undefined
      ? findEnds(graph, ends, file)
      : {
          input: chooseEndpoint(signature.inputs, 'input', ends.input, elsewhere, file),
          output: chooseEndpoint(signature.outputs, 'output', ends.output, elsewhere, file),
        }),
    weights: (nodes) => Promise.resolve(valuesOf(nodes, weights, file)),
  };
}

function valuesOf(
  nodes: readonly NodeDef[],
  weights: ReadonlyMap<string, ShardedWeight>,
  file: string,
): ReadonlyMap<NodeDef, Weight> {
  const found = new Map<NodeDef, Weight>();
  for (const node of nodes) {
    if (node.op !== 'Const' && !isVariable(node)) continue;
    const weight = weights.get(node.name);
    if (weight === undefined)
      throw new AppError('weights_missing', `${file}: the manifest of weights does not name "${node.name}"`);
    const { dtype, shape, read } = weight;
    found.set(node, { dtype: dataTypeNumber(TYPES[dtype]), shape, read: () => Promise.resolve(read()) });
  }
  return found;
}

/** Newer converters write it beside the topology, older ones among the user's data, the oldest not at all. */
function signatureOf({
  signature,
  userDefinedMetadata,
}: ModelJson): { inputs: Endpoints; outputs: Endpoints } | undefined {
  const written = signature ?? (isObject(userDefinedMetadata) ? userDefinedMetadata['signature'] : undefined);
  if (!isObject(written) || !isObject(written['inputs']) || !isObject(written['outputs'])) return undefined;
  return { inputs: endpoints(written['inputs']), outputs: endpoints(written['outputs']) };
}

const endpoints = (side: Readonly<Record<string, unknown>>): Endpoints =>
  new Map(
    Object.entries(side).map(([key, info]): [string, Endpoint] => {
      const { name, dtype, tensorShape } = isObject(info) ? info : {};
      return [
        key,
        {
          ...parseTensorName(typeof name === 'string' ? name : key),
          dtype: dataTypeNumber(dtype),
          shape: shapeFromJson(tensorShape),
        },
      ];
    }),
  );
