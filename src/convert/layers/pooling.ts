// Pooling layers over pictures and sequences.
import { pool } from '../graph/ops/pooling.js';
import { reduce } from '../graph/ops/reduction.js';
import { channelsFirst, channelsLast, DATA_FORMAT } from './channels.js';
import { flat, paddingOption, sequence } from './convolution.js';
import type { LayerSpec } from './layer.js';

const windowed = (
  names: readonly [string, ...string[]],
  op: 'MaxPool' | 'AvgPool',
  rank: 3 | 4,
): LayerSpec => ({
  names,
  options: { pool_size: '', strides: '', padding: 'valid, same', data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const d = rank === 3 ? sequence : flat;
    const size = d.pair(config, 'pool_size', [2, 2]);
    const strides = config.has('strides') ? d.pair(config, 'strides', size) : size;
    const window = { strides, padding: paddingOption(config) };
    return channelsLast(g, config, input(), (node) =>
      d.back(g, pool(g, op, d.picture(g, node), size, window)),
    );
  },
});

const global = (names: readonly [string, ...string[]], op: 'Mean' | 'Max', rank: 3 | 4): LayerSpec => ({
  names,
  options: { keepdims: '', data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const node = input();
    if (node.shape.length !== rank) config.fail('input', `${rank} axes`, node.shape);
    const axes = channelsFirst(config) ? [2, 3] : [1, 2];
    return reduce(g, op, node, axes.slice(0, rank - 2), config.boolean('keepdims', false));
  },
});

export const poolings: readonly LayerSpec[] = [
  windowed(['MaxPooling2D', 'MaxPool2D'], 'MaxPool', 4),
  windowed(['AveragePooling2D', 'AvgPool2D'], 'AvgPool', 4),
  windowed(['MaxPooling1D', 'MaxPool1D'], 'MaxPool', 3),
  windowed(['AveragePooling1D', 'AvgPool1D'], 'AvgPool', 3),
  global(['GlobalAveragePooling2D', 'GlobalAvgPool2D'], 'Mean', 4),
  global(['GlobalMaxPooling2D', 'GlobalMaxPool2D'], 'Max', 4),
  global(['GlobalAveragePooling1D', 'GlobalAvgPool1D'], 'Mean', 3),
  global(['GlobalMaxPooling1D', 'GlobalMaxPool1D'], 'Max', 3),
];
