// Layers that shift and scale by numbers known beforehand: at serving time all of them are one affine map by channel.
import type { Node } from '../graph/node.js';
import type { GraphBuilder } from '../graph/builder.js';
import { affine, binary } from '../graph/ops/arithmetic.js';
import { moveAxis } from '../graph/ops/shaping.js';
import { floats, lazyFloats, sizeOf, type FloatTensor } from '../graph/tensor.js';
import type { ConfigReader } from '../keras/config-reader.js';
import { axisOf, type LayerSpec } from './layer.js';

/** An affine map along any axis: the axis is brought to the end for it. */
function affineAlong(
  g: GraphBuilder,
  node: Node,
  axis: number,
  scale: FloatTensor,
  offset: FloatTensor,
): Node {
  const last = node.shape.length - 1;
  return moveAxis(g, affine(g, moveAxis(g, node, axis, last), scale, offset), last, axis);
}

export const batchNormalization: LayerSpec = {
  // The other names are tf.keras's of 1.13 to 2.1.
  names: ['BatchNormalization', 'BatchNormalizationV1', 'BatchNormalizationV2', 'SyncBatchNormalization'],
  options: { axis: 'one', epsilon: '', center: '', scale: '' },
  build({ g, config, input, weight }) {
    const node = input();
    const axes = config.has('axis') ? config.integers('axis') : [-1];
    if (axes.length !== 1) config.fail('axis', 'one axis', config.values['axis']);
    const axis = axisOf(config, axes[0] ?? -1, node.shape.length);
    const channels = Number(node.shape[axis]);
    const epsilon = config.number('epsilon', 1e-3);
    const gamma = config.boolean('scale', true) ? weight('gamma', [channels]) : undefined;
    const beta = config.boolean('center', true) ? weight('beta', [channels]) : undefined;
    const mean = weight('moving_mean', [channels], { trainable: false });
    const variance = weight('moving_variance', [channels], { trainable: false });

    const scales = (): Float64Array => {
      const gammas = gamma?.data;
      return Float64Array.from(
        variance.data,
        (value, at) => (gammas?.[at] ?? 1) / Math.sqrt(value + epsilon),
      );
    };
    const scale = lazyFloats([channels], () => Float32Array.from(scales()));
    const offset = lazyFloats([channels], () => {
      const [betas, means] = [beta?.data, mean.data];
      return Float32Array.from(scales(), (value, at) => (betas?.[at] ?? 0) - (means[at] ?? 0) * value);
    });
    return affineAlong(g, node, axis, scale, offset);
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
      if (values.length !== 1 && values.length !== channels)
        config.fail(key, `1 or ${channels} numbers`, values);
      return Float32Array.from(
        { length: channels },
        (_, at) => values[values.length === 1 ? 0 : at] ?? fallback,
      );
    };
    return affine(
      g,
      node,
      floats([channels], perChannel('scale', 1)),
      floats([channels], perChannel('offset', 0)),
      true,
    );
  },
};

export const normalization: LayerSpec = {
  names: ['Normalization'],
  options: { axis: '', mean: '', variance: '', invert: '' },
  build({ g, config, input, weight }) {
    const node = input();
    const rank = node.shape.length;
    const axes =
      config.values['axis'] === null
        ? []
        : (config.has('axis') ? config.integers('axis') : [-1]).map((axis) => axisOf(config, axis, rank));
    const shape = axes.map((axis) => Number(node.shape[axis]));
    const given = config.has('mean');
    const mean = given ? broadcast(config, 'mean', shape) : weight('mean', shape, { trainable: false });
    const variance = given
      ? broadcast(config, 'variance', shape)
      : weight('variance', shape, { trainable: false });
    // How many pictures it was adapted to: counted among the parameters, of no use here.
    if (!given) weight('count', [], { trainable: false });
    const along = node.shape.map((size, axis) => (axes.includes(axis) ? Number(size) : 1));
    const invert = config.boolean('invert', false);

    // Keras divides by max(sqrt(variance), 1e-7), its epsilon.
    const deviation = lazyFloats(along, () => variance.data.map((value) => Math.max(Math.sqrt(value), 1e-7)));
    const centre = lazyFloats(along, () => mean.data);
    if (invert) {
      return binary(
        g,
        'AddV2',
        binary(g, 'Mul', node, g.constant(deviation), { exact: true }),
        g.constant(centre),
        { exact: true },
      );
    }
    if (axes.length === 1 && axes[0] === rank - 1) {
      const scale = lazyFloats(shape, () => deviation.data.map((value) => 1 / value));
      const offset = lazyFloats(shape, () => {
        const deviations = deviation.data;
        return mean.data.map((value, at) => -value / (deviations[at] ?? 1));
      });
      return affine(g, node, scale, offset, true);
    }
    return binary(
      g,
      'RealDiv',
      binary(g, 'Sub', node, g.constant(centre), { exact: true }),
      g.constant(deviation),
      { exact: true },
    );
  },
};

function broadcast(config: ConfigReader, key: string, shape: readonly number[]): FloatTensor {
  const values = config.numbers(key);
  const size = sizeOf(shape);
  if (values.length !== 1 && values.length !== size) return config.fail(key, `1 or ${size} numbers`, values);
  return floats(
    shape,
    Float32Array.from({ length: size }, (_, at) => values[values.length === 1 ? 0 : at] ?? 0),
  );
}
