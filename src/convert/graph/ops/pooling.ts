// Poolings over windows of a picture, and over all of it.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import { ints } from '../tensor.js';
import { pictureSize, windowOutput, type Pair, type Window } from './window.js';

export function pool(g: GraphBuilder, op: 'MaxPool' | 'AvgPool', input: Node, size: Pair, window: Window): Node {
  const [height, width, channels] = pictureSize(input);
  const [strideY, strideX] = window.strides;
  const out = [
    windowOutput(height, size[0], strideY, window.padding),
    windowOutput(width, size[1], strideX, window.padding),
  ] as const;
  if (out[0] < 1 || out[1] < 1) {
    throw new RangeError(`a ${size[0]}x${size[1]} window does not fit into a ${height}x${width} picture`);
  }
  return g.add(op, {
    inputs: [input],
    attributes: {
      ksize: attribute.ints([1, ...size, 1]),
      strides: attribute.ints([1, strideY, strideX, 1]),
      padding: attribute.string(window.padding),
      data_format: attribute.string('NHWC'),
    },
    shape: [null, ...out, channels],
  });
}

/** The mean or the largest over whole axes. */
export function reduce(g: GraphBuilder, op: 'Mean' | 'Max', input: Node, axes: readonly number[], keepDims: boolean): Node {
  const shape = keepDims
    ? input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : input.shape.filter((_, axis) => !axes.includes(axis));
  return g.add(op, {
    inputs: [input, g.constant(ints(axes), 'axes')],
    attributes: { keep_dims: attribute.bool(keepDims) },
    shape,
  });
}
