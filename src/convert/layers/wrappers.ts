// Layers around another layer.
import { reshapeAll } from '../graph/ops/shaping.js';
import { sizes, type LayerSpec } from './layer.js';

/** The same layer at each step: the steps are folded into the batch for it. */
export const timeDistributed: LayerSpec = {
  names: ['TimeDistributed'],
  options: { layer: 'any that is converted' },
  build({ g, input, wrapped }) {
    const node = input();
    const [steps = 1, ...inner] = sizes(node);
    const result = wrapped('layer', [reshapeAll(g, node, [null, ...inner])]);
    return reshapeAll(g, result, [null, steps, ...sizes(result)]);
  },
};

/** Its kernel was normalised while training; serving takes it as it was left. */
export const spectralNormalization: LayerSpec = {
  names: ['SpectralNormalization'],
  options: { layer: 'any that is converted' },
  build({ wrapped, inputs, weight }) {
    const result = wrapped('layer', inputs);
    weight('vector_u', [1, Number(result.shape.at(-1))], { trainable: false });
    return result;
  },
};
