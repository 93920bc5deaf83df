// Dense.
import { biasAdd } from '../graph/ops/convolution.js';
import { matMul } from '../graph/ops/arithmetic.js';
import { activate } from './activations.js';
import type { LayerSpec } from './layer.js';

export const dense: LayerSpec = {
  names: ['Dense'],
  options: { units: '', activation: 'see Activation', use_bias: '' },
  build({ g, config, input, weight }) {
    const node = input();
    if (node.shape.length !== 2) config.fail('input', 'a vector (Flatten before Dense)', node.shape);
    const units = config.integer('units');
    const product = matMul(g, node, weight('kernel', [Number(node.shape[1]), units]));
    const biased = config.boolean('use_bias', true) ? biasAdd(g, product, weight('bias', [units])) : product;
    return activate(g, config, biased);
  },
};
