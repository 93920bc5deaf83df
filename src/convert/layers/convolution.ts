// Convolution layers over pictures and over sequences; a sequence is a picture of one row.
import type { ConfigReader } from '../keras/config-reader.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { biasAdd, conv2d, conv2dTranspose, depthwiseConv2d, dilateKernel } from '../graph/ops/convolution.js';
import { padPicture, reshape } from '../graph/ops/shaping.js';
import { lazyFloats, type FloatTensor } from '../graph/tensor.js';
import { pictureSize, type Padding, type Pair, type Window } from '../graph/ops/window.js';
import { activate } from './activations.js';
import { channelsLast, DATA_FORMAT } from './channels.js';
import { sizes, type LayerCall, type LayerSpec } from './layer.js';

export const paddingOption = (config: ConfigReader): Padding =>
  config.choice('padding', ['valid', 'same'], 'valid') === 'same' ? 'SAME' : 'VALID';

/** How options and sequences look as pictures: one row, and what has one number gets 1 for the rows. */
interface Dimensions {
  readonly count: 1 | 2;
  readonly pair: (config: ConfigReader, key: string, fallback: Pair) => Pair;
  readonly picture: (g: GraphBuilder, input: Node) => Node;
  readonly back: (g: GraphBuilder, output: Node) => Node;
  /** A kernel of the layer's own rank as one for pictures. */
  readonly kernel: (kernel: FloatTensor) => FloatTensor;
}

export const flat: Dimensions = {
  count: 2,
  pair: (config, key, fallback) => config.pair(key, fallback),
  picture: (_, input) => input,
  back: (_, output) => output,
  kernel: (kernel) => kernel,
};

export const sequence: Dimensions = {
  count: 1,
  pair: (config, key, fallback) => [1, config.has(key) ? (config.integers(key)[0] ?? 1) : fallback[1]],
  picture: (g, input) => reshape(g, input, [1, ...sizes(input)]),
  back: (g, output) => reshape(g, output, sizes(output).slice(1)),
  kernel: (kernel) => lazyFloats([1, ...kernel.shape], () => kernel.data),
};

const dimensions = { 1: sequence, 2: flat } as const;

function windowOptions(config: ConfigReader, d: Dimensions): Window & { readonly dilations: Pair } {
  return {
    strides: d.pair(config, 'strides', [1, 1]),
    padding: paddingOption(config),
    dilations: d.pair(config, 'dilation_rate', [1, 1]),
  };
}

const kernelShape = (d: Dimensions, [height, width]: Pair): readonly number[] =>
  d.count === 1 ? [width] : [height, width];

const WINDOW_OPTIONS = {
  kernel_size: '',
  strides: '',
  padding: 'valid, same',
  dilation_rate: '',
  data_format: DATA_FORMAT,
};
const OUTPUT_OPTIONS = { activation: 'see Activation', use_bias: '' };

/** Bias and activation, which every convolution ends with. */
function finish(call: LayerCall, convolved: Node): Node {
  const { g, config, weight } = call;
  const channels = Number(convolved.shape.at(-1));
  const biased = config.boolean('use_bias', true)
    ? biasAdd(g, convolved, weight('bias', [channels]))
    : convolved;
  return activate(call, biased);
}

/** Shared by all: to a picture with the channels last, through `body`, and back. */
function overPictures(call: LayerCall, d: Dimensions, body: (picture: Node) => Node): Node {
  const { g, config } = call;
  return channelsLast(g, config, call.input(), (input) => d.back(g, body(d.picture(g, input))));
}

const convolution = (names: readonly [string, ...string[]], count: 1 | 2): LayerSpec => ({
  names,
  options: {
    filters: '',
    ...WINDOW_OPTIONS,
    groups: '',
    ...OUTPUT_OPTIONS,
    ...(count === 1 ? { padding: 'valid, same, causal' } : {}),
  },
  build(call) {
    const { g, config, weight } = call;
    const d = dimensions[count];
    return overPictures(call, d, (picture) => {
      const [, , channels] = pictureSize(picture);
      const filters = config.integer('filters');
      const groups = config.integer('groups', 1);
      if (groups < 1 || channels % groups !== 0 || filters % groups !== 0) {
        config.fail('groups', `a divisor of ${channels} channels and ${filters} filters`, groups);
      }
      const size = d.pair(config, 'kernel_size', [1, 1]);
      const kernel = weight('kernel', [...kernelShape(d, size), channels / groups, filters]);
      const causal = count === 1 && config.values['padding'] === 'causal';
      const window = causal
        ? {
            strides: d.pair(config, 'strides', [1, 1]),
            padding: 'VALID' as const,
            dilations: d.pair(config, 'dilation_rate', [1, 1]),
          }
        : windowOptions(config, d);
      const padded = causal
        ? padPicture(g, picture, [0, 0], [(size[1] - 1) * window.dilations[1], 0])
        : picture;
      return finish(call, conv2d(g, padded, d.kernel(kernel), window));
    });
  },
});

const depthwise = (names: readonly [string, ...string[]], count: 1 | 2): LayerSpec => ({
  names,
  options: { ...WINDOW_OPTIONS, depth_multiplier: '', ...OUTPUT_OPTIONS },
  build(call) {
    const { g, config, weight } = call;
    const d = dimensions[count];
    return overPictures(call, d, (picture) => {
      const [, , channels] = pictureSize(picture);
      const size = d.pair(config, 'kernel_size', [1, 1]);
      const shape = [...kernelShape(d, size), channels, config.integer('depth_multiplier', 1)];
      // Keras 3 calls it kernel, Keras 2 depthwise_kernel; the place in the order is the same.
      const kernel = weight(call.kerasMajor < 3 ? 'depthwise_kernel' : 'kernel', shape);
      return finish(
        call,
        depthwiseConv2d(g, picture, d.kernel(kernel), uniform(config, windowOptions(config, d), d)),
      );
    });
  },
});

const separable = (names: readonly [string, ...string[]], count: 1 | 2): LayerSpec => ({
  names,
  options: { filters: '', ...WINDOW_OPTIONS, depth_multiplier: '', ...OUTPUT_OPTIONS },
  build(call) {
    const { g, config, weight } = call;
    const d = dimensions[count];
    return overPictures(call, d, (picture) => {
      const [, , channels] = pictureSize(picture);
      const size = d.pair(config, 'kernel_size', [1, 1]);
      const multiplier = config.integer('depth_multiplier', 1);
      const filters = config.integer('filters');
      const depthKernel = weight('depthwise_kernel', [...kernelShape(d, size), channels, multiplier]);
      const pointKernel = weight('pointwise_kernel', [
        ...(d.count === 1 ? [1] : [1, 1]),
        channels * multiplier,
        filters,
      ]);
      const spread = depthwiseConv2d(
        g,
        picture,
        d.kernel(depthKernel),
        uniform(config, windowOptions(config, d), d),
      );
      return finish(call, conv2d(g, spread, d.kernel(pointKernel), { strides: [1, 1], padding: 'VALID' }));
    });
  },
});

/** A depthwise convolution has one stride for both directions; TensorFlow's takes no other. */
function uniform(config: ConfigReader, window: Window, { count }: Dimensions): Window {
  const [y, x] = window.strides;
  return y === x || count === 1
    ? { ...window, strides: [x, x] }
    : config.fail('strides', 'the same stride in both directions', [y, x]);
}

const transposed = (names: readonly [string, ...string[]], count: 1 | 2): LayerSpec => ({
  names,
  options: { filters: '', ...WINDOW_OPTIONS, output_padding: '', ...OUTPUT_OPTIONS },
  build(call) {
    const { g, config, weight } = call;
    const d = dimensions[count];
    return overPictures(call, d, (picture) => {
      const [height, width, channels] = pictureSize(picture);
      const size = d.pair(config, 'kernel_size', [1, 1]);
      const window = windowOptions(config, d);
      const extra = config.has('output_padding') ? d.pair(config, 'output_padding', [0, 0]) : undefined;
      const filters = config.integer('filters');
      const kernel = dilateKernel(
        d.kernel(weight('kernel', [...kernelShape(d, size), filters, channels])),
        window.dilations,
      );
      const result = [height, width].map((extent, at) =>
        transposedSize(
          extent,
          kernel.shape[at] ?? 1,
          window.strides[at] ?? 1,
          window.padding,
          d.count === 1 && at === 0 ? undefined : extra?.[at],
        ),
      );
      const [rows = 0, columns = 0] = result;
      return finish(call, conv2dTranspose(g, picture, kernel, [rows, columns], window));
    });
  },
});

/** keras.src.backend.common.backend_utils.compute_conv_transpose_output_shape */
function transposedSize(
  extent: number,
  kernel: number,
  stride: number,
  padding: Padding,
  extra: number | undefined,
): number {
  if (extra !== undefined)
    return (extent - 1) * stride + kernel - (padding === 'SAME' ? 2 * Math.floor(kernel / 2) : 0) + extra;
  return padding === 'SAME' ? extent * stride : extent * stride + Math.max(kernel - stride, 0);
}

export const convolutions: readonly LayerSpec[] = [
  convolution(['Conv2D', 'Convolution2D'], 2),
  convolution(['Conv1D', 'Convolution1D'], 1),
  depthwise(['DepthwiseConv2D'], 2),
  depthwise(['DepthwiseConv1D'], 1),
  separable(['SeparableConv2D', 'SeparableConvolution2D'], 2),
  separable(['SeparableConv1D', 'SeparableConvolution1D'], 1),
  transposed(['Conv2DTranspose', 'Convolution2DTranspose', 'Deconvolution2D'], 2),
  transposed(['Conv1DTranspose', 'Convolution1DTranspose'], 1),
];
