// Convolutions over pictures in NHWC.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import type { FloatTensor } from '../tensor.js';
import { pictureSize, windowOutput, type Window } from './window.js';

function convolve(g: GraphBuilder, op: 'Conv2D' | 'DepthwiseConv2dNative', input: Node, kernel: Node, window: Window): Node {
  const [height, width] = pictureSize(input);
  const [kernelHeight = 0, kernelWidth = 0, depth = 0, last = 0] = kernel.shape.map(Number);
  const [dilateY, dilateX] = window.dilations ?? [1, 1];
  const [strideY, strideX] = window.strides;
  const out = [
    windowOutput(height, kernelHeight, strideY, window.padding, dilateY),
    windowOutput(width, kernelWidth, strideX, window.padding, dilateX),
  ] as const;
  if (out[0] < 1 || out[1] < 1) {
    throw new RangeError(`a ${kernelHeight}x${kernelWidth} window does not fit into a ${height}x${width} picture`);
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
export const conv2d = (g: GraphBuilder, input: Node, kernel: FloatTensor, window: Window): Node =>
  convolve(g, 'Conv2D', input, g.constant(kernel, 'kernel'), window);

/** Kernel: height, width, channels, multiplier. */
export const depthwiseConv2d = (g: GraphBuilder, input: Node, kernel: FloatTensor, window: Window): Node =>
  convolve(g, 'DepthwiseConv2dNative', input, g.constant(kernel, 'kernel'), window);

export const biasAdd = (g: GraphBuilder, input: Node, bias: FloatTensor): Node =>
  g.add('BiasAdd', {
    inputs: [input, g.constant(bias, 'bias')],
    attributes: { data_format: attribute.string('NHWC') },
    shape: input.shape,
  });
