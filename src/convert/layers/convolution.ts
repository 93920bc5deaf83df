// Convolution layers.
import { biasAdd, conv2d } from '../graph/ops/convolution.js';
import { pictureSize, type Padding } from '../graph/ops/window.js';
import type { ConfigReader } from '../keras/config-reader.js';
import { activate } from './activations.js';
import { refuseChannelsFirst, type LayerSpec } from './layer.js';

export const paddingOption = (config: ConfigReader): Padding =>
  config.choice('padding', ['valid', 'same'], 'valid') === 'same' ? 'SAME' : 'VALID';

export const conv2dLayer: LayerSpec = {
  names: ['Conv2D', 'Convolution2D'],
  options: {
    filters: '',
    kernel_size: '',
    strides: '',
    padding: 'valid, same',
    dilation_rate: '',
    groups: '',
    activation: 'see Activation',
    use_bias: '',
    data_format: 'channels_last',
  },
  build({ g, config, input, weight }) {
    refuseChannelsFirst(config);
    const node = input();
    const [, , channels] = pictureSize(node);
    const filters = config.integer('filters');
    const groups = config.integer('groups', 1);
    if (groups < 1 || channels % groups !== 0 || filters % groups !== 0) {
      config.fail('groups', `a divisor of ${channels} channels and ${filters} filters`, groups);
    }
    const kernel = weight('kernel', [...config.pair('kernel_size'), channels / groups, filters]);
    const convolved = conv2d(g, node, kernel, {
      strides: config.pair('strides', [1, 1]),
      padding: paddingOption(config),
      dilations: config.pair('dilation_rate', [1, 1]),
    });
    const biased = config.boolean('use_bias', true) ? biasAdd(g, convolved, weight('bias', [filters])) : convolved;
    return activate(g, config, biased);
  },
};
