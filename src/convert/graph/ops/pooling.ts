// Poolings over windows of a picture.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import { pictureSize, windowOutput, type Pair, type Window } from './window.js';

export function pool(
  g: GraphBuilder,
  op: 'MaxPool' | 'AvgPool',
  input: Node,
  size: Pair,
  window: Window,
): Node {
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
