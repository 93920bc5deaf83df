// The weights of a graph by others: counted, and written as files that all sessions map.
import { sizeOf } from '../graph/tensor.js';
import type { NodeDef } from '../saved-model/protos.js';
import type { WeightFiles } from '../saved-model/weight-files.js';
import { readTensor } from './attributes.js';
import { bytesPerValue, isFloat, isNumber } from './data-types.js';
import type { Weight } from './graph-model.js';

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

/** Nodes with `weights` get their values; large constants that hold their own are put into files too. */
export async function placeConstants(
  nodes: readonly NodeDef[],
  weights: Weights,
  files: WeightFiles,
  what: string,
): Promise<readonly NodeDef[]> {
  const placed: NodeDef[] = [];
  // One after another: one weight at a time is in memory.
  for (const node of nodes)
    placed.push(await placeConstant(node, weights.get(node) ?? ownValue(node, what), files, what));
  return placed;
}

/** A constant whose values lie in memory order already. */
function ownValue({ op, attributes }: NodeDef, what: string): Weight | undefined {
  const tensor = op === 'Const' ? readTensor(attributes['value'], what) : undefined;
  if (tensor?.content === undefined || !isNumber(tensor.dtype)) return undefined;
  const { dtype, shape, content } = tensor;
  return content.length === sizeOf(shape) * bytesPerValue(dtype, what)
    ? { dtype, shape, read: () => Promise.resolve(content) }
    : undefined;
}

async function placeConstant(
  node: NodeDef,
  weight: Weight | undefined,
  files: WeightFiles,
  what: string,
): Promise<NodeDef> {
  if (weight === undefined) return node;
  const { dtype, shape } = weight;
  const type = { kind: 'type', value: dtype } as const;
  // What the node waits for is waited for still.
  const { name, inputs } = node;
  if (files.takes(sizeOf(shape) * bytesPerValue(dtype, what))) {
    const file = await files.store(await weight.read());
    return {
      name,
      op: 'ImmutableConst',
      inputs,
      attributes: {
        dtype: type,
        shape: { kind: 'shape', value: shape },
        memory_region_name: { kind: 'string', value: file },
      },
    };
  }
  const bytes = await weight.read();
  return {
    name,
    op: 'Const',
    inputs,
    attributes: { dtype: type, value: { kind: 'tensor', value: { dtype, shape, bytes } } },
  };
}
