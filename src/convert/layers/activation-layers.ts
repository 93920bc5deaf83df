// Activations as layers of their own.
import { activate, activations, elu, softmaxOver } from './activations.js';
import { axisOf, sizes, type LayerSpec } from './layer.js';
import { binary, leakyRelu, unary, whereGreater } from '../graph/ops/arithmetic.js';

export const activation: LayerSpec = {
  names: ['Activation'],
  options: { activation: Object.keys(activations).join(', ') },
  build: (call) => activate(call, call.input()),
};

export const relu: LayerSpec = {
  names: ['ReLU'],
  options: { max_value: '', negative_slope: '', threshold: '' },
  build({ g, config, input }) {
    const node = input();
    const slope = config.number('negative_slope', 0);
    const threshold = config.number('threshold', 0);
    const most = config.has('max_value') ? config.number('max_value') : undefined;
    if (slope === 0 && threshold === 0) {
      if (most === 6) return unary(g, 'Relu6', node);
      const positive = unary(g, 'Relu', node);
      return most === undefined ? positive : binary(g, 'Minimum', positive, most);
    }
    const below = binary(g, 'Mul', binary(g, 'Sub', node, threshold), slope);
    // At the threshold itself Keras lets the value pass: not (threshold > x).
    const bent = whereGreater(g, threshold, node, below, node);
    return most === undefined ? bent : binary(g, 'Minimum', bent, most);
  },
};

export const leakyReluLayer: LayerSpec = {
  names: ['LeakyReLU'],
  options: { negative_slope: '', alpha: '' },
  // Keras 1 and 2 said alpha.
  build: ({ g, config, input }) =>
    leakyRelu(g, input(), config.number(config.has('negative_slope') ? 'negative_slope' : 'alpha', 0.3)),
};

export const prelu: LayerSpec = {
  names: ['PReLU'],
  options: { shared_axes: '' },
  build({ g, config, input, weight }) {
    const node = input();
    const shared = config.has('shared_axes') ? config.integers('shared_axes') : [];
    const alpha = weight(
      'alpha',
      sizes(node).map((size, at) => (shared.includes(at + 1) ? 1 : size)),
    );
    const below = binary(g, 'Mul', binary(g, 'Minimum', node, 0), g.constant(alpha, 'alpha'));
    return binary(g, 'AddV2', unary(g, 'Relu', node), below);
  },
};

export const eluLayer: LayerSpec = {
  names: ['ELU'],
  options: { alpha: '' },
  build: ({ g, config, input }) => elu(g, input(), config.number('alpha', 1)),
};

export const softmaxLayer: LayerSpec = {
  names: ['Softmax'],
  options: { axis: '' },
  build({ g, config, input }) {
    const node = input();
    const axes = config.has('axis') ? config.integers('axis') : [-1];
    return softmaxOver(
      g,
      node,
      axes.map((axis) => axisOf(config, axis, node.shape.length)),
    );
  },
};

export const thresholdedRelu: LayerSpec = {
  names: ['ThresholdedReLU'],
  options: { theta: '' },
  build({ g, config, input }) {
    const node = input();
    return whereGreater(g, node, config.number('theta', 1), node, 0);
  },
};
