// Layers that move values without changing them.
import {
  moveAxis,
  padPicture,
  pad,
  reshape,
  slice,
  tile,
  transpose,
  type Border,
} from '../graph/ops/shaping.js';
import { sizeOf } from '../graph/tensor.js';
import { channelsFirst, channelsLast, DATA_FORMAT } from './channels.js';
import { sizes, type LayerSpec } from './layer.js';

export const flatten: LayerSpec = {
  names: ['Flatten'],
  options: { data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const node = input();
    // Keras brings the channels to the end before it flattens, so that weights fit either format.
    const moved =
      channelsFirst(config) && node.shape.length > 2 ? moveAxis(g, node, 1, node.shape.length - 1) : node;
    return reshape(g, moved, [sizeOf(sizes(node))]);
  },
};

export const reshapeLayer: LayerSpec = {
  names: ['Reshape'],
  options: { target_shape: 'one size may be -1' },
  build: ({ g, config, input }) => reshape(g, input(), config.integers('target_shape')),
};

export const permute: LayerSpec = {
  names: ['Permute'],
  options: { dims: '' },
  build: ({ g, config, input }) => transpose(g, input(), [0, ...config.integers('dims')]),
};

export const repeatVector: LayerSpec = {
  names: ['RepeatVector'],
  options: { n: '' },
  build({ g, config, input }) {
    const node = input();
    const [size = 0] = sizes(node);
    return tile(g, reshape(g, node, [1, size]), [1, config.integer('n'), 1]);
  },
};

export const zeroPadding2d: LayerSpec = {
  names: ['ZeroPadding2D'],
  options: { padding: 'a number, a pair, or a pair of pairs', data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const [rows, columns] =
      borders(config.values['padding']) ?? config.fail('padding', 'borders', config.values['padding']);
    return channelsLast(g, config, input(), (node) => padPicture(g, node, rows, columns));
  },
};

export const zeroPadding1d: LayerSpec = {
  names: ['ZeroPadding1D'],
  options: { padding: 'a number or a pair', data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const border = config.pair('padding', [1, 1]);
    return channelsLast(g, config, input(), (node) => pad(g, node, [[0, 0], border, [0, 0]]));
  },
};

export const cropping2d: LayerSpec = {
  names: ['Cropping2D'],
  options: { cropping: 'a number, a pair, or a pair of pairs', data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const [rows, columns] =
      borders(config.values['cropping']) ?? config.fail('cropping', 'borders', config.values['cropping']);
    return channelsLast(g, config, input(), (node) => {
      const [, height, width] = node.shape.map(Number);
      return slice(g, node, [{}, inside(rows, height ?? 0), inside(columns, width ?? 0)]);
    });
  },
};

export const cropping1d: LayerSpec = {
  names: ['Cropping1D'],
  options: { cropping: 'a number or a pair' },
  build({ g, config, input }) {
    const node = input();
    return slice(g, node, [{}, inside(config.pair('cropping', [1, 1]), Number(node.shape[1]))]);
  },
};

const inside = ([before, after]: Border, size: number) => {
  if (before + after >= size)
    throw new RangeError(`cropping ${before} and ${after} leaves nothing of ${size}`);
  return { start: before, stop: size - after };
};

/** 1, [1, 2] or [[1, 1], [2, 2]]: Keras takes a border in three ways. */
function borders(value: unknown): readonly [Border, Border] | undefined {
  const border = (side: unknown): Border | undefined => {
    if (isSize(side)) return [side, side];
    return Array.isArray(side) && side.length === 2 && side.every(isSize)
      ? [Number(side[0]), Number(side[1])]
      : undefined;
  };
  const sides: unknown[] = Array.isArray(value) ? value : [value, value];
  const [rows, columns] = sides.map(border);
  return sides.length === 2 && rows !== undefined && columns !== undefined ? [rows, columns] : undefined;
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
