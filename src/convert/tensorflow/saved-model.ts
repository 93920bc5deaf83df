// A SavedModel folder by TensorFlow 1 or 2 (saved_model.proto, meta_graph.proto): which of its graphs is served, by
// which signature, and where its variables are. What else is in it (initialisers, assets, objects) serving never runs.
import path from 'node:path';
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { sameShape } from '../graph/tensor.js';
import type { NodeDef } from '../saved-model/protos.js';
import { readMapEntry, readShape, readType } from './attributes.js';
import { endpointOf } from './find-ends.js';
import { isVariable } from './freeze.js';
import { readGraphDef, type GraphDef } from './graph-def.js';
import type { GraphModel, Weight } from './graph-model.js';
import { restoredVariables } from './restored-variables.js';
import { chooseEndpoint, chooseSignature, readSignature, type Signature } from './signature.js';
import { VariableBundle } from './variable-bundle.js';
import { allFields, lastField } from './wire.js';

const VARIABLES_FOLDER = 'variables';

/** `file` is the folder's saved_model.pb, `bytes` its content. */
export function readSavedModel(file: string, bytes: Uint8Array, ends: GraphEnds): GraphModel {
  const metaGraph = chooseMetaGraph(bytes, file);
  const graph = readGraphDef(lastField(metaGraph, 2, file)?.bytes() ?? new Uint8Array(), file);
  const { inputs, outputs } = chooseSignature(readSignatures(metaGraph, file), ends, file);
  const elsewhere = (tensor: string) => endpointOf(graph.nodes, tensor, file);
  const saver = lastField(metaGraph, 3, file)?.bytes();
  const restoreOp = saver === undefined ? undefined : lastField(saver, 3, file)?.text();
  return {
    what: file,
    graph,
    input: chooseEndpoint(inputs, 'input', ends.input, elsewhere, file),
    output: chooseEndpoint(outputs, 'output', ends.output, elsewhere, file),
    weights: (nodes) => findVariables(nodes, graph, restoreOp, file),
  };
}

/** Tags of a MetaGraphDef: what it is for. */
function tagsOf(metaGraph: Uint8Array, what: string): readonly string[] {
  const info = lastField(metaGraph, 1, what);
  return info === undefined ? [] : allFields(info.bytes(), 4, what).map((tag) => tag.text());
}

/** The one for serving and nothing else, such as TPUs; else the first one for serving; else the only one. */
function chooseMetaGraph(bytes: Uint8Array, what: string): Uint8Array {
  const graphs = allFields(bytes, 2, what).map((field) => field.bytes());
  const tagged = graphs.map((graph) => ({ graph, tags: tagsOf(graph, what) }));
  const serving = tagged
    .filter(({ tags }) => tags.includes('serve'))
    .toSorted((a, b) => a.tags.length - b.tags.length);
  const found = serving[0]?.graph ?? (graphs.length === 1 ? graphs[0] : undefined);
  if (found !== undefined) return found;
  const all = tagged.map(({ tags }) => `[${tags.join(', ')}]`).join(', ');
  throw new AppError(
    'checkpoint_unsupported',
    `${what}: none of its graphs is tagged "serve"; found ${all || 'none'}`,
    {
      remedy: 'Export the model for serving: `model.export(...)` or `tf.saved_model.save(...)`.',
    },
  );
}

function readSignatures(metaGraph: Uint8Array, what: string): ReadonlyMap<string, Signature> {
  return new Map(
    allFields(metaGraph, 5, what).map((field) => {
      const { key, value } = readMapEntry(field.bytes(), what);
      return [key, readSignature(value, what)];
    }),
  );
}

async function findVariables(
  nodes: readonly NodeDef[],
  graph: GraphDef,
  restoreOp: string | undefined,
  file: string,
): Promise<ReadonlyMap<NodeDef, Weight>> {
  const found = new Map<NodeDef, Weight>();
  const variables = nodes.filter(isVariable);
  if (variables.length === 0) return found;
  const keys = restoreOp ? restoredVariables(graph, restoreOp, file) : new Map<string, string>();
  const bundle = await VariableBundle.open(path.join(path.dirname(file), VARIABLES_FOLDER));
  for (const variable of variables) {
    const { name, attributes } = variable;
    const key = keys.get(name);
    if (key === undefined)
      throw new AppError('weights_missing', `${file}: nothing gives the variable "${name}" its value`);
    const weight = await bundle.find(key);
    const shape = readShape(attributes['shape'], file) ?? weight.shape;
    if (weight.dtype !== readType(attributes['dtype'], file) || !sameShape(weight.shape, shape)) {
      throw new AppError(
        'weights_mismatch',
        `${file}: the variable "${name}" is [${shape.join(', ')}] in the graph, and [${weight.shape.join(', ')}] in its file`,
      );
    }
    found.set(variable, weight);
  }
  return found;
}
