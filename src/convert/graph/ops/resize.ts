// Resizing pictures, as tf.image.resize does: the centres of pixels are half a pixel in.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import { floats, ints } from '../tensor.js';
import { pictureSize } from './window.js';

export type Interpolation = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5';

export interface ResizeOptions {
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
}

/** Kernels of ScaleAndTranslate; bicubic there is Keys's with a = -0.5, as tf.image.resize asks for. */
const KERNELS = {
  bilinear: 'triangle',
  bicubic: 'keyscubic',
  lanczos3: 'lanczos3',
  lanczos5: 'lanczos5',
} as const;

export function resize(
  g: GraphBuilder,
  input: Node,
  size: readonly [number, number],
  options: ResizeOptions,
): Node {
  const [height, width, channels] = pictureSize(input);
  const shape = [null, ...size, channels];
  const { interpolation, antialias } = options;
  if (
    interpolation === 'nearest' ||
    ((interpolation === 'bilinear' || interpolation === 'bicubic') && !antialias)
  ) {
    const op = (
      { nearest: 'ResizeNearestNeighbor', bilinear: 'ResizeBilinear', bicubic: 'ResizeBicubic' } as const
    )[interpolation];
    return g.add(op, {
      inputs: [input, g.constant(ints(size), 'size')],
      attributes: { half_pixel_centers: attribute.bool(true), align_corners: attribute.bool(false) },
      shape,
    });
  }
  const scale = floats([2], Float32Array.of(size[0] / height, size[1] / width));
  return g.add('ScaleAndTranslate', {
    inputs: [
      input,
      g.constant(ints(size), 'size'),
      g.constant(scale, 'scale'),
      g.constant(floats([2], new Float32Array(2)), 'shift'),
    ],
    attributes: {
      kernel_type: attribute.string(KERNELS[interpolation]),
      antialias: attribute.bool(antialias),
    },
    shape,
  });
}
