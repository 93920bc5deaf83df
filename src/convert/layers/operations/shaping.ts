// Operations that move values: shapes, slices, joins, and the pictures of ops.image and ops.nn.
import type { Node } from '../../graph/node.js';
import { binary, unary } from '../../graph/ops/arithmetic.js';
import { pool } from '../../graph/ops/pooling.js';
import { batchMatMul, einsum } from '../../graph/ops/products.js';
import {
  concat,
  pad,
  reshape,
  reverse,
  slice,
  tile,
  transpose,
  type Border,
  type SlicePart,
} from '../../graph/ops/shaping.js';
import { moments, reduce } from '../../graph/ops/reduction.js';
import type { Pair } from '../../graph/ops/window.js';
import { floats, sizeOf } from '../../graph/tensor.js';
import { sizes } from '../layer.js';
import { INTERPOLATIONS, resizeToFit } from '../resizing.js';
import { axesOf } from './arithmetic.js';
import { asList, asNode, isNode, type Value } from './operand.js';
import type { Operation, OperationCall } from './operation.js';

const integers = (call: OperationCall, value: Value | undefined, what: string): readonly number[] => {
  const list = Array.isArray(value) ? value : [value];
  return list.every((item): item is number => Number.isInteger(item))
    ? list
    : call.config.fail(what, 'whole numbers', value ?? null);
};

const nodes = (call: OperationCall): readonly Node[] => {
  // tf.keras lists the tensors beside each other, Keras 3 in one list.
  const list = asList(call.args[0]) ?? asList(call.named['values']) ?? call.args;
  return list.map((value) => asNode(call.g, value, call.config));
};

const axisFor = (call: OperationCall, rank: number, at: number): number => {
  const [axis = 0] = integers(call, call.option(at, 'axis') ?? -1, 'axis');
  return axis < 0 ? axis + rank : axis;
};

/** x[:, 1:, ..., 0]: slices, indices, new axes and one ellipsis. */
function getItem(call: OperationCall): Node {
  const { g, config } = call;
  const input = call.node(0, 'x', 'tensor');
  const written = call.option(1, 'key', 'slice_spec') ?? null;
  const keys: readonly Value[] = Array.isArray(written) ? written : [written];
  const taking = keys.filter((key) => key !== null && !isEllipsis(key)).length;
  const parts: SlicePart[] = [];
  const newAxes: number[] = [];
  let axes = 0;
  for (const key of keys) {
    if (isEllipsis(key)) {
      const whole = input.shape.length - taking;
      for (let at = 0; at < whole; at++) parts.push({});
      axes += whole;
    } else if (key === null) {
      newAxes.push(axes++);
    } else if (typeof key === 'number') {
      if (parts.length === 0) config.fail('key', 'the whole batch', key);
      parts.push({ index: key });
    } else if (typeof key === 'object' && 'kind' in key && key.kind === 'slice') {
      const { start, stop, step } = key.part;
      if (
        parts.length === 0 &&
        (start ?? stop ?? (step !== undefined && step !== 1 ? step : undefined)) !== undefined
      ) {
        config.fail('key', 'the whole batch', [start, stop, step]);
      }
      parts.push(key.part);
      axes += 1;
    } else {
      return config.fail('key', 'slices, numbers, ... or None', key);
    }
  }
  const sliced = slice(g, input, parts);
  const shape = [...sliced.shape];
  for (const axis of newAxes) shape.splice(axis, 0, 1);
  return newAxes.length === 0 ? sliced : reshape(g, sliced, shape.slice(1).map(Number));
}

const isEllipsis = (key: Value): boolean =>
  key === '...' || (typeof key === 'object' && key !== null && 'kind' in key && key.kind === 'ellipsis');

function split(call: OperationCall): readonly Node[] {
  const { g, config } = call;
  const input = call.node(0, 'x', 'value');
  const axis = axisFor(call, input.shape.length, 2);
  const size = Number(input.shape[axis]);
  const cuts = call.option(1, 'indices_or_sections', 'num_or_size_splits');
  const sections =
    typeof cuts === 'number'
      ? Array.from({ length: cuts - 1 }, (_, at) => ((at + 1) * size) / cuts)
      : integers(call, cuts, 'indices_or_sections');
  if (axis === 0 || !sections.every(Number.isInteger))
    config.fail('indices_or_sections', `equal parts of ${size}`, cuts ?? null);
  const edges = [0, ...sections, size];
  return edges.slice(1).map((stop, at) =>
    slice(
      g,
      input,
      input.shape.map((_, place) => (place === axis ? { start: edges[at], stop } : {})),
    ),
  );
}

function window(call: OperationCall, op: 'MaxPool' | 'AvgPool'): Node {
  const { g, config } = call;
  const size = config.pair('pool_size', [2, 2]);
  const strides = config.has('strides') ? config.pair('strides') : size;
  config.choice('data_format', ['channels_last'], 'channels_last');
  const padding = config.choice('padding', ['valid', 'same'], 'valid') === 'same' ? 'SAME' : 'VALID';
  return pool(g, op, call.node(0, 'inputs'), size, { strides, padding });
}

/** What tf.image takes of red, green and blue (ITU-R BT.601). */
const LUMA = floats([3], Float32Array.of(0.2989, 0.587, 0.114));

export const shaping: readonly Operation[] = [
  { names: ['GetItem', '__operators__.getitem'], options: { key: 'the whole batch' }, build: getItem },
  {
    names: ['Reshape', 'reshape'],
    options: { newshape: 'the batch first' },
    build(call) {
      const [, ...shape] = integers(call, call.option(1, 'newshape', 'shape'), 'newshape');
      return reshape(call.g, call.node(0, 'x', 'tensor'), shape);
    },
  },
  { names: ['Flatten', 'Ravel'], build: (call) => reshape(call.g, call.node(0, 'x'), [-1]) },
  {
    names: ['Transpose', 'transpose', 'compat.v1.transpose'],
    options: { axes: '' },
    build: (call) =>
      transpose(call.g, call.node(0, 'x', 'a'), integers(call, call.option(1, 'axes', 'perm'), 'axes')),
  },
  {
    names: ['Swapaxes'],
    options: { axis1: '', axis2: '' },
    build(call) {
      const input = call.node(0, 'x');
      const [a = 0] = axesOf(call, input, 1, 'axis1');
      const [b = 0] = axesOf(call, input, 2, 'axis2');
      const order = input.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
      return transpose(call.g, input, order);
    },
  },
  {
    names: ['ExpandDims', 'expand_dims'],
    options: { axis: '' },
    build(call) {
      const input = call.node(0, 'x', 'input');
      const axis = axisFor(call, input.shape.length + 1, 1);
      return reshape(call.g, input, sizes(input).toSpliced(axis - 1, 0, 1));
    },
  },
  {
    names: ['Squeeze', 'squeeze', 'compat.v1.squeeze'],
    options: { axis: '' },
    build(call) {
      const input = call.node(0, 'x', 'input');
      const given = call.option(1, 'axis');
      const axes = given === undefined || given === null ? undefined : axesOf(call, input, 1, 'axis');
      return reshape(
        call.g,
        input,
        sizes(input).filter((size, at) => (axes === undefined ? size !== 1 : !axes.includes(at + 1))),
      );
    },
  },
  {
    names: ['Concatenate', 'concat'],
    options: { axis: '' },
    build(call) {
      const list = nodes(call);
      return concat(call.g, list, axisFor(call, list[0]?.shape.length ?? 0, 1));
    },
  },
  {
    names: ['Stack', 'stack'],
    options: { axis: '' },
    build(call) {
      const list = nodes(call);
      const axis = axisFor(call, (list[0]?.shape.length ?? 0) + 1, 1);
      return concat(
        call.g,
        list.map((node) => reshape(call.g, node, sizes(node).toSpliced(axis - 1, 0, 1))),
        axis,
      );
    },
  },
  { names: ['Split', 'split'], options: { indices_or_sections: '', axis: '' }, build: split },
  {
    names: ['Flip', 'reverse'],
    options: { axis: 'not the batch' },
    build(call) {
      const input = call.node(0, 'x', 'tensor');
      return reverse(call.g, input, axesOf(call, input, 1, 'axis'));
    },
  },
  {
    names: ['Repeat', 'repeat'],
    options: { repeats: 'one number', axis: '' },
    build(call) {
      const { g } = call;
      const input = call.node(0, 'x', 'input');
      const [times = 1] = integers(call, call.option(1, 'repeats'), 'repeats');
      const [axis = 1] = axesOf(call, input, 2, 'axis');
      const inner = sizes(input);
      const spread = reshape(g, input, inner.toSpliced(axis, 0, 1));
      const copied = tile(
        g,
        spread,
        spread.shape.map((_, at) => (at === axis + 1 ? times : 1)),
      );
      return reshape(
        g,
        copied,
        inner.map((size, at) => (at === axis - 1 ? size * times : size)),
      );
    },
  },
  {
    names: ['Tile', 'tile'],
    options: { repeats: 'the batch once' },
    build: (call) =>
      tile(
        call.g,
        call.node(0, 'x', 'input'),
        integers(call, call.option(1, 'repeats', 'multiples'), 'repeats'),
      ),
  },
  {
    names: ['Pad', 'pad', 'compat.v1.pad'],
    options: { pad_width: '', mode: 'constant, reflect, symmetric' },
    build(call) {
      const { config } = call;
      const width = call.option(1, 'pad_width', 'paddings');
      const borders = (asList(width) ?? []).map((border): Border => {
        const [before = 0, after = 0] = integers(call, border, 'pad_width');
        return [before, after];
      });
      const input = call.node(0, 'x', 'tensor');
      if (borders.length !== input.shape.length)
        config.fail('pad_width', 'a border for each axis', width ?? null);
      const written = call.option(2, 'mode') ?? 'constant';
      const mode = typeof written === 'string' ? written.toLowerCase() : written;
      if (mode !== 'constant' && mode !== 'reflect' && mode !== 'symmetric')
        return config.fail('mode', 'constant, reflect or symmetric', mode);
      const value = call.option(3, 'constant_values') ?? 0;
      return pad(
        call.g,
        input,
        borders,
        mode,
        typeof value === 'number' ? value : config.fail('constant_values', 'a number', value),
      );
    },
  },
  {
    names: ['Matmul', 'Dot', 'linalg.matmul'],
    build: (call) => batchMatMul(call.g, call.node(0, 'x1', 'a'), call.node(1, 'x2', 'b')),
  },
  {
    names: ['Einsum', 'einsum'],
    options: { subscripts: '' },
    build(call) {
      const equation = call.config.has('subscripts') ? call.config.text('subscripts') : call.args[0];
      if (typeof equation !== 'string')
        return call.config.fail('subscripts', 'an equation', equation ?? null);
      return einsum(call.g, equation, call.args.flat().filter(isNode));
    },
  },
  {
    names: ['MaxPool'],
    options: { pool_size: '', strides: '', padding: '' },
    build: (call) => window(call, 'MaxPool'),
  },
  {
    names: ['AveragePool'],
    options: { pool_size: '', strides: '', padding: '' },
    build: (call) => window(call, 'AvgPool'),
  },
  {
    names: ['RgbToGrayscale', 'RGBToGrayscale', 'image.rgb_to_grayscale'],
    build(call) {
      const { g, config } = call;
      config.choice('data_format', ['channels_last'], 'channels_last');
      const weighted = binary(g, 'Mul', call.node(0, 'images'), g.constant(LUMA), { exact: true });
      return reduce(g, 'Sum', weighted, [weighted.shape.length - 1], true, { exact: true });
    },
  },
  {
    names: ['GrayscaleToRgb', 'image.grayscale_to_rgb'],
    build(call) {
      const input = call.node(0, 'images');
      const last = input.shape.length - 1;
      if (input.shape[last] !== 1) call.config.fail('images', 'one channel', input.shape);
      return tile(
        call.g,
        input,
        input.shape.map((_, axis) => (axis === last ? 3 : 1)),
      );
    },
  },
  {
    names: ['PerImageStandardization', 'image.per_image_standardization'],
    build(call) {
      const { g } = call;
      const input = call.node(0, 'image');
      const { mean, variance } = moments(g, input, [...input.shape.keys()].slice(1));
      const least = 1 / Math.sqrt(sizeOf(sizes(input)));
      const deviation = binary(g, 'Maximum', unary(g, 'Sqrt', variance, { exact: true }), least, {
        exact: true,
      });
      return binary(g, 'RealDiv', binary(g, 'Sub', input, mean, { exact: true }), deviation, { exact: true });
    },
  },
  {
    names: ['Resize', 'image.resize'],
    options: {
      size: '',
      interpolation: '',
      antialias: '',
      crop_to_aspect_ratio: '',
      pad_to_aspect_ratio: '',
    },
    build(call) {
      const { config } = call;
      const [height = 0, width = 0] = integers(call, call.option(1, 'size'), 'size');
      const size: Pair = [height, width];
      if (call.option(3, 'preserve_aspect_ratio') === true)
        config.fail('preserve_aspect_ratio', 'false', true);
      // tf.keras calls the interpolation its method, among the arguments.
      const method = call.option(2, 'method', 'interpolation') ?? 'bilinear';
      return resizeToFit(call.g, call.node(0, 'images', 'image'), size, {
        interpolation:
          INTERPOLATIONS.find((known) => known === method) ??
          config.fail('interpolation', `one of ${INTERPOLATIONS.join(', ')}`, method),
        antialias: call.option(4, 'antialias') === true,
        crop: config.boolean('crop_to_aspect_ratio', false),
        pad: config.boolean('pad_to_aspect_ratio', false),
        fill: config.number('fill_value', 0),
      });
    },
  },
];
