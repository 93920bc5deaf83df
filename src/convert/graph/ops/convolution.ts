// Convolutions over pictures in NHWC.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import { ints, intScalar, lazyFloats, sizeOf, type FloatTensor } from '../tensor.js';
import { pictureSize, windowOutput, type Pair, type Window } from './window.js';

function convolve(
  g: GraphBuilder,
  op: 'Conv2D' | 'DepthwiseConv2dNative',
  input: Node,
  kernel: Node,
  window: Window,
): Node {
  const [height, width] = pictureSize(input);
  const [kernelHeight = 0, kernelWidth = 0, depth = 0, last = 0] = kernel.shape.map(Number);
  const [dilateY, dilateX] = window.dilations ?? [1, 1];
  const [strideY, strideX] = window.strides;
  const out = [
    windowOutput(height, kernelHeight, strideY, window.padding, dilateY),
    windowOutput(width, kernelWidth, strideX, window.padding, dilateX),
  ] as const;
  if (out[0] < 1 || out[1] < 1) {
    throw new RangeError(
      `a ${kernelHeight}x${kernelWidth} window does not fit into a ${height}x${width} picture`,
    );
  }
  return g.add(op, {
    inputs: [input, kernel],
    attributes: {
      strides: attribute.ints([1, strideY, strideX, 1]),
      padding: attribute.string(window.padding),
      dilations: attribute.ints([1, dilateY, dilateX, 1]),
      data_format: attribute.string('NHWC'),
    },
    shape: [null, ...out, op === 'Conv2D' ? last : depth * last],
  });
}

/** Kernel: height, width, input channels (per group), output channels. */
export function conv2d(g: GraphBuilder, input: Node, kernel: FloatTensor, window: Window): Node {
  const [, , channels] = pictureSize(input);
  const perGroup = kernel.shape[2] ?? 0;
  if (perGroup === 0 || channels % perGroup !== 0) {
    throw new RangeError(`a kernel for ${perGroup} channels does not fit a picture of ${channels}`);
  }
  return convolve(g, 'Conv2D', input, g.constant(kernel, 'kernel'), window);
}

/** Kernel: height, width, channels, multiplier. TensorFlow's own kernel, which runs where oneDNN does not, never dilates. */
export function depthwiseConv2d(g: GraphBuilder, input: Node, kernel: FloatTensor, window: Window): Node {
  const { dilations = [1, 1], ...plain } = window;
  const spread = g.constant(dilateKernel(kernel, dilations), 'kernel');
  return convolve(g, 'DepthwiseConv2dNative', input, spread, plain);
}

/** Kernel: height, width, output channels, input channels. `size` is the height and width of the result. */
export function conv2dTranspose(
  g: GraphBuilder,
  input: Node,
  kernel: FloatTensor,
  size: Pair,
  window: Window,
): Node {
  const filters = kernel.shape[2] ?? 0;
  const shape = g.add('Shape', { inputs: [input], shape: [4], dtype: 'int32' });
  const batch = g.add('StridedSlice', {
    inputs: [shape, g.constant(ints([0])), g.constant(ints([1])), g.constant(ints([1]))],
    attributes: {
      begin_mask: attribute.int(0),
      end_mask: attribute.int(0),
      shrink_axis_mask: attribute.int(1),
      ellipsis_mask: attribute.int(0),
      new_axis_mask: attribute.int(0),
    },
    shape: [],
    dtype: 'int32',
  });
  const sizes = g.add('Pack', {
    inputs: [batch, ...[...size, filters].map((value) => g.constant(intScalar(value)))],
    attributes: { N: attribute.int(4), axis: attribute.int(0) },
    shape: [4],
    dtype: 'int32',
  });
  return g.add('Conv2DBackpropInput', {
    inputs: [sizes, g.constant(kernel, 'kernel'), input],
    attributes: {
      strides: attribute.ints([1, ...window.strides, 1]),
      padding: attribute.string(window.padding),
      dilations: attribute.ints([1, 1, 1, 1]),
      data_format: attribute.string('NHWC'),
    },
    shape: [null, ...size, filters],
  });
}

/** A kernel with zeros between its rows and columns: convolving with it is convolving dilated. */
export function dilateKernel(kernel: FloatTensor, [dilateY, dilateX]: Pair): FloatTensor {
  if (dilateY === 1 && dilateX === 1) return kernel;
  const [height = 0, width = 0, ...rest] = kernel.shape;
  const shape = [(height - 1) * dilateY + 1, (width - 1) * dilateX + 1, ...rest];
  return lazyFloats(shape, () => {
    const { data } = kernel;
    const depth = sizeOf(rest);
    const dilated = new Float32Array(sizeOf(shape));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * width + x) * depth;
        dilated.set(data.subarray(from, from + depth), (y * dilateY * (shape[1] ?? 0) + x * dilateX) * depth);
      }
    }
    return dilated;
  });
}

/** One value per channel; the channels stand last. */
export const biasAdd = (g: GraphBuilder, input: Node, bias: FloatTensor): Node =>
  g.add('BiasAdd', {
    inputs: [input, g.constant(bias, 'bias')],
    attributes: { data_format: attribute.string('NHWC') },
    shape: input.shape,
  });
