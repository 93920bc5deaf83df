// The weights of a graph by others: counted, and written as files that all sessions map.
import { sizeOf } from '../graph/tensor.js';
import type { NodeDef } from '../saved-model/protos.js';
import type { ModelFiles } from '../saved-model/model-files.js';
import { READING } from '../saved-model/write.js';
import { readTensor } from './attributes.js';
import { bytesPerValue, isFloat, isNumber } from './data-types.js';
import type { Weight } from './graph-model.js';
import type { Readers } from './readers.js';

/** The values of nodes that do not hold them. */
export type Weights = ReadonlyMap<NodeDef, Weight>;

/** Trained numbers, that is floats that are more than one. */
export function countParameters(nodes: readonly NodeDef[], weights: Weights, what: string): number {
  return nodes.reduce((sum, node) => {
    const tensor =
      weights.get(node) ?? (node.op === 'Const' ? readTensor(node.attributes['value'], what) : undefined);
    return tensor !== undefined && isFloat(tensor.dtype) && tensor.shape.length > 0
      ? sum + sizeOf(tensor.shape)
      : sum;
  }, 0);
}

export interface Placement {
  readonly weights: Weights;
  readonly files: ModelFiles;
  readonly readers: Readers;
  readonly what: string;
}

/** Nodes with weights of their own get their values; large constants are put into files, where that is safe. */
export async function placeConstants(
  nodes: readonly NodeDef[],
  placement: Placement,
): Promise<readonly NodeDef[]> {
  const { weights, files, readers, what } = placement;
  const readersOf = readers.inBody(nodes);
  const isOnlyRead = (name: string): boolean => {
    const found = readersOf(name);
    return found.length > 0 && found.every((reader) => READING.has(reader.node.op));
  };
  const placed: NodeDef[] = [];
  // One after another: a weight is in memory until the next has been read.
  for (const node of nodes) {
    const weight = weights.get(node) ?? ownValue(node, what);
    if (weight === undefined) placed.push(node);
    else if (files.takes(byteLength(weight, what)) && isOnlyRead(node.name))
      placed.push(await mapped(node, weight, files));
    else placed.push(weights.has(node) ? await inside(node, weight) : node);
  }
  return placed;
}

const byteLength = ({ shape, dtype }: Weight, what: string): number =>
  sizeOf(shape) * bytesPerValue(dtype, what);

/** What a node waits for is waited for still: its inputs stay. */
const mapped = async (
  { name, inputs }: NodeDef,
  { dtype, shape, read }: Weight,
  files: ModelFiles,
): Promise<NodeDef> => ({
  name,
  op: 'ImmutableConst',
  inputs,
  attributes: {
    dtype: { kind: 'type', value: dtype },
    shape: { kind: 'shape', value: shape },
    ...(await files.store(await read())),
  },
});

const inside = async ({ name, inputs }: NodeDef, { dtype, shape, read }: Weight): Promise<NodeDef> => ({
  name,
  op: 'Const',
  inputs,
  attributes: {
    dtype: { kind: 'type', value: dtype },
    value: { kind: 'tensor', value: { dtype, shape, bytes: await read() } },
  },
});

/** A constant whose values lie in memory order already. */
function ownValue({ op, attributes }: NodeDef, what: string): Weight | undefined {
  const tensor = op === 'Const' ? readTensor(attributes['value'], what) : undefined;
  if (tensor?.content === undefined || !isNumber(tensor.dtype)) return undefined;
  const { dtype, shape, content } = tensor;
  const weight: Weight = { dtype, shape, read: () => Promise.resolve(content) };
  return content.length === byteLength(weight, what) ? weight : undefined;
}
