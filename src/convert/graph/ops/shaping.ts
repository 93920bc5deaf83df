// Operations that move values without changing them.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Dtype, Node, Shape } from '../node.js';
import { floatScalar, intMatrix, intScalar, ints, sizeOf } from '../tensor.js';

/** `shape` without the batch; one size may be -1. */
export function reshape(g: GraphBuilder, input: Node, shape: readonly number[]): Node {
  const from = sizeOf(input.shape.slice(1).map(Number));
  const known = sizeOf(shape.filter((size) => size !== -1));
  const settled = shape.map((size) => (size === -1 ? from / (known || 1) : size));
  if (from !== sizeOf(settled) || settled.some((size) => !Number.isInteger(size))) {
    throw new RangeError(`${from} values cannot take the shape [${shape.join(', ')}]`);
  }
  return g.add('Reshape', {
    inputs: [input, g.constant(ints([-1, ...settled]), 'shape')],
    shape: [null, ...settled],
  });
}

/**
 * Behind what is fed, of which TensorFlow takes no shape for granted. A residual is added inside of the convolution before
 * it only where both are known to have the same one: an eighth of ResNet-50's run (docs/adr/0002).
 */
export const ensureShape = (g: GraphBuilder, input: Node): Node =>
  g.add('EnsureShape', { inputs: [input], shape: input.shape, exact: true });

/** A shape without regard to the batch: a folded axis comes first, and gives the batch back later. */
export const reshapeAll = (g: GraphBuilder, input: Node, shape: Shape): Node =>
  g.add('Reshape', { inputs: [input, g.constant(ints(shape.map((size) => size ?? -1)), 'shape')], shape });

export function transpose(g: GraphBuilder, input: Node, order: readonly number[]): Node {
  if (order.every((axis, at) => axis === at)) return input;
  if (new Set(order).size !== input.shape.length || order.some((axis) => input.shape[axis] === undefined)) {
    throw new RangeError(`[${order.join(', ')}] is not an order of ${input.shape.length} axes`);
  }
  return g.add('Transpose', {
    inputs: [input, g.constant(ints(order), 'order')],
    shape: order.map((axis) => input.shape[axis] ?? null),
  });
}

/** Axis `from` is put to `to`, the others keep their order. */
export function moveAxis(g: GraphBuilder, input: Node, from: number, to: number): Node {
  const order = [...input.shape.keys()].filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(g, input, order);
}

/** One axis's part of a slice: from start to stop by step, in Python's meaning; or one index, which drops the axis. */
export type SlicePart =
  | {
      readonly start?: number | undefined;
      readonly stop?: number | undefined;
      readonly step?: number | undefined;
    }
  | { readonly index: number };

export function slice(g: GraphBuilder, input: Node, parts: readonly SlicePart[]): Node {
  const begin: number[] = [];
  const end: number[] = [];
  const strides: number[] = [];
  const masks = { begin: 0, end: 0, shrink: 0 };
  const shape: (number | null)[] = [];
  parts.forEach((part, axis) => {
    const size = input.shape[axis] ?? null;
    if ('index' in part) {
      begin.push(part.index);
      end.push(part.index === -1 ? 0 : part.index + 1);
      strides.push(1);
      masks.shrink |= 1 << axis;
      if (part.index === -1) masks.end |= 1 << axis;
      return;
    }
    const { start, stop, step = 1 } = part;
    if (start === undefined) masks.begin |= 1 << axis;
    if (stop === undefined) masks.end |= 1 << axis;
    begin.push(start ?? 0);
    end.push(stop ?? 0);
    strides.push(step);
    shape.push(size === null ? null : sliceSize(size, start, stop, step));
  });
  return g.add('StridedSlice', {
    inputs: [input, ...[begin, end, strides].map((values) => g.constant(ints(values), 'slice'))],
    attributes: {
      begin_mask: attribute.int(masks.begin),
      end_mask: attribute.int(masks.end),
      shrink_axis_mask: attribute.int(masks.shrink),
      ellipsis_mask: attribute.int(0),
      new_axis_mask: attribute.int(0),
    },
    shape: [...shape, ...input.shape.slice(parts.length)],
  });
}

/** len(range(*slice(start, stop, step).indices(size))) */
function sliceSize(size: number, start: number | undefined, stop: number | undefined, step: number): number {
  const clamp = (value: number): number =>
    Math.min(Math.max(value < 0 ? value + size : value, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
  const from = start === undefined ? (step < 0 ? size - 1 : 0) : clamp(start);
  const to = stop === undefined ? (step < 0 ? -1 : size) : clamp(stop);
  return Math.max(0, Math.ceil((to - from) / step));
}

/** Side by side along `axis`. */
export function concat(g: GraphBuilder, inputs: readonly Node[], axis: number): Node {
  const shape = (inputs[0]?.shape ?? []).map((size, at) =>
    at === axis ? inputs.reduce((sum, input) => sum + Number(input.shape[axis]), 0) : size,
  );
  for (const input of inputs) {
    if (
      input.shape.length !== shape.length ||
      input.shape.some((size, at) => at !== axis && size !== shape[at])
    ) {
      throw new RangeError(
        `[${input.shape.join(', ')}] does not fit beside [${inputs[0]?.shape.join(', ') ?? ''}] along axis ${axis}`,
      );
    }
  }
  return g.add('ConcatV2', {
    inputs: [...inputs, g.constant(intScalar(axis), 'axis')],
    attributes: { N: attribute.int(inputs.length) },
    shape,
  });
}

/** Tensors of one shape one behind another, along a new axis. */
export function stack(g: GraphBuilder, inputs: readonly Node[], axis: number): Node {
  const shape = [...(inputs[0]?.shape ?? [])];
  shape.splice(axis, 0, inputs.length);
  return g.add('Pack', {
    inputs,
    attributes: { N: attribute.int(inputs.length), axis: attribute.int(axis) },
    shape,
  });
}

export const tile = (g: GraphBuilder, input: Node, times: readonly number[]): Node =>
  g.add('Tile', {
    inputs: [input, g.constant(ints(times), 'times')],
    shape: input.shape.map((size, axis) => (size === null ? null : size * (times[axis] ?? 1))),
  });

export type Border = readonly [number, number];
export type PadMode = 'constant' | 'reflect' | 'symmetric';

/** A border for each axis, the batch included. */
export function pad(
  g: GraphBuilder,
  input: Node,
  borders: readonly Border[],
  mode: PadMode = 'constant',
  value = 0,
): Node {
  const shape = input.shape.map((size, axis) => {
    const [before, after] = borders[axis] ?? [0, 0];
    return size === null ? null : size + before + after;
  });
  const inputs = [input, g.constant(intMatrix(borders), 'borders')];
  if (mode !== 'constant') {
    return g.add('MirrorPad', { inputs, attributes: { mode: attribute.string(mode.toUpperCase()) }, shape });
  }
  return value === 0
    ? g.add('Pad', { inputs, shape })
    : g.add('PadV2', { inputs: [...inputs, g.constant(floatScalar(value), 'value')], shape });
}

/** Zeros around the picture: rows above and below, columns left and right. */
export const padPicture = (g: GraphBuilder, input: Node, rows: Border, columns: Border, value = 0): Node =>
  pad(g, input, [[0, 0], rows, columns, [0, 0]], 'constant', value);

export const reverse = (g: GraphBuilder, input: Node, axes: readonly number[]): Node =>
  g.add('ReverseV2', { inputs: [input, g.constant(ints(axes), 'axes')], shape: input.shape });

export const reverseChannels = (g: GraphBuilder, input: Node): Node =>
  reverse(g, input, [input.shape.length - 1]);

export const cast = (g: GraphBuilder, input: Node, dtype: Dtype, exact = false): Node =>
  input.dtype === dtype ? input : g.add('Cast', { inputs: [input], shape: input.shape, dtype, exact });
