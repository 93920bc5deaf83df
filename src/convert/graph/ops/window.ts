// The arithmetic that convolutions and poolings share: how a window moves over a picture.
import type { Node } from '../node.js';

export type Pair = readonly [number, number];
export type Padding = 'SAME' | 'VALID';

export interface Window {
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations?: Pair;
}

/** Sizes after a window of `size` has moved over `extent`; TensorFlow's definition of SAME and VALID. */
export function windowOutput(
  extent: number,
  size: number,
  stride: number,
  padding: Padding,
  dilation = 1,
): number {
  if (padding === 'SAME') return Math.ceil(extent / stride);
  const reach = (size - 1) * dilation + 1;
  return Math.ceil((extent - reach + 1) / stride);
}

/** Height, width and channels of a picture node. */
export function pictureSize(node: Node): readonly [number, number, number] {
  const [, height, width, channels] = node.shape;
  if (node.shape.length !== 4 || height == null || width == null || channels == null) {
    throw new RangeError(
      `expected a picture (batch, height, width, channels), found shape [${node.shape.join(', ')}]`,
    );
  }
  return [height, width, channels];
}
