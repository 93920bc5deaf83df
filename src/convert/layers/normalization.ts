// Layers that shift and scale: at serving time all of them are one affine map.
import { affine } from '../graph/ops/arithmetic.js';
import { floats, lazyFloats } from '../graph/tensor.js';
import type { LayerSpec } from './layer.js';

export const batchNormalization: LayerSpec = {
  names: ['BatchNormalization'],
  options: { axis: 'the last one', epsilon: '', center: '', scale: '' },
  build({ g, config, input, weight }) {
    const node = input();
    const last = node.shape.length - 1;
    const axes = config.has('axis') ? config.integers('axis') : [-1];
    if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== last)) config.fail('axis', 'the last axis', config.values['axis']);
    const channels = Number(node.shape[last]);
    const epsilon = config.number('epsilon', 1e-3);
    const gamma = config.boolean('scale', true) ? weight('gamma', [channels]) : undefined;
    const beta = config.boolean('center', true) ? weight('beta', [channels]) : undefined;
    const mean = weight('moving_mean', [channels], { trainable: false });
    const variance = weight('moving_variance', [channels], { trainable: false });

    const scales = (): Float64Array => {
      const gammas = gamma?.data;
      return Float64Array.from(variance.data, (value, at) => (gammas?.[at] ?? 1) / Math.sqrt(value + epsilon));
    };
    const scale = lazyFloats([channels], () => Float32Array.from(scales()));
    const offset = lazyFloats([channels], () => {
      const [betas, means] = [beta?.data, mean.data];
      return Float32Array.from(scales(), (value, at) => (betas?.[at] ?? 0) - (means[at] ?? 0) * value);
    });
    return affine(g, node, scale, offset);
  },
};

export const rescaling: LayerSpec = {
  names: ['Rescaling'],
  options: { scale: 'a number, or one per channel', offset: 'a number, or one per channel' },
  build({ g, config, input }) {
    const node = input();
    const channels = Number(node.shape.at(-1));
    const perChannel = (key: string, fallback: number) => {
      const values = config.has(key) ? config.numbers(key) : [fallback];
      if (values.length !== 1 && values.length !== channels) config.fail(key, `1 or ${channels} numbers`, values);
      return Float32Array.from({ length: channels }, (_, at) => values[values.length === 1 ? 0 : at] ?? fallback);
    };
    return affine(g, node, floats([channels], perChannel('scale', 1)), floats([channels], perChannel('offset', 0)), true);
  },
};
