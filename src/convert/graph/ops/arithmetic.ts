// Arithmetic of whole tensors: sums, products, matrix products, the affine map by channel.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node, Shape } from '../node.js';
import { intScalar, type FloatTensor } from '../tensor.js';

/** NumPy's broadcasting rule. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = axis - (rank - a.length) < 0 ? 1 : a[axis - (rank - a.length)];
    const right = axis - (rank - b.length) < 0 ? 1 : b[axis - (rank - b.length)];
    if (left === right || right === 1) return left ?? null;
    if (left === 1) return right ?? null;
    throw new RangeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] cannot be combined`);
  });
}

export const binary = (g: GraphBuilder, op: 'AddV2' | 'Mul' | 'Maximum' | 'Minimum', a: Node, b: Node): Node =>
  g.add(op, { inputs: [a, b], shape: broadcastShape(a.shape, b.shape) });

/** Kernel: inputs, outputs. */
export const matMul = (g: GraphBuilder, input: Node, kernel: FloatTensor): Node =>
  g.add('MatMul', {
    inputs: [input, g.constant(kernel, 'kernel')],
    attributes: { transpose_a: attribute.bool(false), transpose_b: attribute.bool(false) },
    shape: [null, kernel.shape[1] ?? 0],
  });

/** x * scale + offset; both are scalars or have one value per channel (the last axis). */
export const affine = (g: GraphBuilder, input: Node, scale: FloatTensor, offset: FloatTensor, exact = false): Node =>
  g.add('Affine', {
    inputs: [input, g.constant(scale, 'scale'), g.constant(offset, 'offset')],
    shape: input.shape,
    exact,
  });

/** Side by side along `axis`. */
export const concat = (g: GraphBuilder, inputs: readonly Node[], axis: number): Node =>
  g.add('ConcatV2', {
    inputs: [...inputs, g.constant(intScalar(axis), 'axis')],
    attributes: { N: attribute.int(inputs.length) },
    shape: (inputs[0]?.shape ?? []).map((size, at) =>
      at === axis ? inputs.reduce((sum, input) => sum + Number(input.shape[axis]), 0) : size,
    ),
  });
