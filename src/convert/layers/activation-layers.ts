// Activations as layers of their own.
import type { LayerSpec } from './layer.js';
import { activate, activations } from './activations.js';

export const activation: LayerSpec = {
  names: ['Activation'],
  options: { activation: Object.keys(activations).join(', ') },
  build: ({ g, config, input }) => activate(g, config, input()),
};

export const relu: LayerSpec = {
  names: ['ReLU'],
  options: { max_value: 'none or 6', negative_slope: '0', threshold: '0' },
  build({ g, config, input }) {
    if (config.number('negative_slope', 0) !== 0) config.fail('negative_slope', '0', config.values['negative_slope']);
    if (config.number('threshold', 0) !== 0) config.fail('threshold', '0', config.values['threshold']);
    if (!config.has('max_value')) return g.map('Relu', input());
    if (config.number('max_value') !== 6) config.fail('max_value', 'none or 6', config.values['max_value']);
    return g.map('Relu6', input());
  },
};

export const softmax: LayerSpec = {
  names: ['Softmax'],
  options: { axis: 'the last one' },
  build({ g, config, input }) {
    const node = input();
    const axis = config.integer('axis', -1);
    if (axis !== -1 && axis !== node.shape.length - 1) config.fail('axis', 'the last axis', axis);
    return g.map('Softmax', node);
  },
};
