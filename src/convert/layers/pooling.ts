// Pooling layers.
import { pool, reduce } from '../graph/ops/pooling.js';
import { pictureSize } from '../graph/ops/window.js';
import { paddingOption } from './convolution.js';
import { refuseChannelsFirst, type LayerSpec } from './layer.js';

const windowed = (name: string, op: 'MaxPool' | 'AvgPool'): LayerSpec => ({
  names: [name],
  options: { pool_size: '', strides: '', padding: 'valid, same', data_format: 'channels_last' },
  build({ g, config, input }) {
    refuseChannelsFirst(config);
    const size = config.pair('pool_size', [2, 2]);
    const strides = config.has('strides') ? config.pair('strides') : size;
    return pool(g, op, input(), size, { strides, padding: paddingOption(config) });
  },
});

const global = (name: string, op: 'Mean' | 'Max'): LayerSpec => ({
  names: [name],
  options: { keepdims: '', data_format: 'channels_last' },
  build({ g, config, input }) {
    refuseChannelsFirst(config);
    const node = input();
    pictureSize(node);
    return reduce(g, op, node, [1, 2], config.boolean('keepdims', false));
  },
});

export const maxPooling2d = windowed('MaxPooling2D', 'MaxPool');
export const averagePooling2d = windowed('AveragePooling2D', 'AvgPool');
export const globalAveragePooling2d = global('GlobalAveragePooling2D', 'Mean');
export const globalMaxPooling2d = global('GlobalMaxPooling2D', 'Max');
