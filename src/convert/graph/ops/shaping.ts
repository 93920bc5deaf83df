// Operations that move values without changing them.
import type { GraphBuilder } from '../builder.js';
import type { Dtype, Node } from '../node.js';
import { intMatrix, ints, sizeOf } from '../tensor.js';

/** `shape` without the batch. */
export function reshape(g: GraphBuilder, input: Node, shape: readonly number[]): Node {
  const from = sizeOf(input.shape.slice(1).map(Number));
  if (from !== sizeOf(shape)) {
    throw new RangeError(`${from} values cannot take the shape [${shape.join(', ')}]`);
  }
  return g.add('Reshape', { inputs: [input, g.constant(ints([-1, ...shape]), 'shape')], shape: [null, ...shape] });
}

/** Zeros around the picture: rows above and below, columns left and right. */
export function padPicture(g: GraphBuilder, input: Node, rows: readonly [number, number], columns: readonly [number, number]): Node {
  const paddings = [[0, 0], rows, columns, [0, 0]] as const;
  return g.add('Pad', {
    inputs: [input, g.constant(intMatrix(paddings), 'paddings')],
    shape: input.shape.map((size, axis) => {
      const [before, after] = paddings[axis] ?? [0, 0];
      return size === null ? null : size + before + after;
    }),
  });
}

export const reverseChannels = (g: GraphBuilder, input: Node): Node =>
  g.map('ReverseV2', input, g.constant(ints([input.shape.length - 1]), 'axis'));

export const cast = (g: GraphBuilder, input: Node, dtype: Dtype, exact = false): Node =>
  input.dtype === dtype ? input : g.add('Cast', { inputs: [input], shape: input.shape, dtype, exact });
