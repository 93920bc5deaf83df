// Layers that move values without changing them.
import { padPicture, reshape } from '../graph/ops/shaping.js';
import { sizeOf } from '../graph/tensor.js';
import { refuseChannelsFirst, type LayerSpec } from './layer.js';

export const flatten: LayerSpec = {
  names: ['Flatten'],
  options: { data_format: 'channels_last' },
  build({ g, config, input }) {
    refuseChannelsFirst(config);
    const node = input();
    return reshape(g, node, [sizeOf(node.shape.slice(1).map(Number))]);
  },
};

export const zeroPadding2d: LayerSpec = {
  names: ['ZeroPadding2D'],
  options: { padding: 'a number, a pair, or a pair of pairs', data_format: 'channels_last' },
  build({ g, config, input }) {
    refuseChannelsFirst(config);
    const [rows, columns] = borders(config.values['padding']) ?? config.fail('padding', 'borders', config.values['padding']);
    return padPicture(g, input(), rows, columns);
  },
};

type Border = readonly [number, number];

/** 1, [1, 2] or [[1, 1], [2, 2]]: Keras takes a border in three ways. */
function borders(value: unknown): readonly [Border, Border] | undefined {
  const border = (side: unknown): Border | undefined => {
    if (Number.isInteger(side)) return [Number(side), Number(side)];
    return Array.isArray(side) && side.length === 2 && side.every((item) => Number.isInteger(item))
      ? [Number(side[0]), Number(side[1])]
      : undefined;
  };
  const sides: unknown[] = Array.isArray(value) ? value : [value, value];
  const [rows, columns] = sides.map(border);
  return sides.length === 2 && rows !== undefined && columns !== undefined ? [rows, columns] : undefined;
}
