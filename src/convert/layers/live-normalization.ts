// Layers that normalise by what they see in each picture.
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { binary, unary } from '../graph/ops/arithmetic.js';
import { moments, reduce, standardise } from '../graph/ops/reduction.js';
import { reshape } from '../graph/ops/shaping.js';
import { lazyFloats } from '../graph/tensor.js';
import { affine } from '../graph/ops/arithmetic.js';
import { axisOf, sizes, type LayerCall, type LayerSpec } from './layer.js';

/** gamma and beta, as far as the layer has them, over the given axes. */
function scaleAndShift({ g, config, weight }: LayerCall, node: Node, axes: readonly number[]): Node {
  const shape = axes.map((axis) => Number(node.shape[axis]));
  const along = node.shape.map((size, axis) => (axes.includes(axis) ? Number(size) : 1));
  const option = (name: string, key: string): Node | undefined => {
    if (!config.boolean(key, true)) return undefined;
    const declared = weight(name, shape);
    return g.constant(
      lazyFloats(along, () => declared.data),
      name,
    );
  };
  const gamma = option('gamma', 'scale');
  const beta = option('beta', 'center');
  const scaled = gamma === undefined ? node : binary(g, 'Mul', node, gamma, { exact: true });
  return beta === undefined ? scaled : binary(g, 'AddV2', scaled, beta, { exact: true });
}

const axesOption = (call: LayerCall, node: Node): readonly number[] => {
  const { config } = call;
  const axes = config.has('axis') ? config.integers('axis') : [-1];
  return axes.map((axis) => axisOf(config, axis, node.shape.length)).toSorted((a, b) => a - b);
};

export const layerNormalization: LayerSpec = {
  names: ['LayerNormalization'],
  options: { axis: '', epsilon: '', center: '', scale: '', rms_scaling: '' },
  build(call) {
    const { g, config } = call;
    const node = call.input();
    const axes = axesOption(call, node);
    const epsilon = config.number('epsilon', 1e-3);
    if (config.boolean('rms_scaling', false)) {
      const { variance } = moments(g, node, axes);
      const factor = unary(g, 'Rsqrt', binary(g, 'AddV2', variance, epsilon, { exact: true }), {
        exact: true,
      });
      return scaleAndShift(call, binary(g, 'Mul', node, factor, { exact: true }), axes);
    }
    return scaleAndShift(call, standardise(g, node, moments(g, node, axes), epsilon), axes);
  },
};

export const rmsNormalization: LayerSpec = {
  names: ['RMSNormalization'],
  options: { axis: '', epsilon: '' },
  build(call) {
    const { g, config, weight } = call;
    const node = call.input();
    const axes = axesOption(call, node);
    const squares = reduce(g, 'Mean', unary(g, 'Square', node, { exact: true }), axes, true, { exact: true });
    const factor = unary(
      g,
      'Rsqrt',
      binary(g, 'AddV2', squares, config.number('epsilon', 1e-6), { exact: true }),
      { exact: true },
    );
    const scale = weight(
      'scale',
      axes.map((axis) => Number(node.shape[axis])),
    );
    const along = node.shape.map((size, axis) => (axes.includes(axis) ? Number(size) : 1));
    return binary(
      g,
      'Mul',
      binary(g, 'Mul', node, factor, { exact: true }),
      g.constant(lazyFloats(along, () => scale.data)),
      { exact: true },
    );
  },
};

export const groupNormalization: LayerSpec = {
  // TensorFlow Addons wrote instances as groups: -1, or as many groups as channels.
  names: ['GroupNormalization', 'Addons>GroupNormalization', 'Addons>InstanceNormalization'],
  options: { groups: '', axis: 'the last one', epsilon: '', center: '', scale: '' },
  build(call) {
    const { g, config } = call;
    const node = call.input();
    const last = node.shape.length - 1;
    if (axisOf(config, config.integer('axis', -1), node.shape.length) !== last)
      config.fail('axis', 'the last axis', config.values['axis']);
    const channels = Number(node.shape[last]);
    const groups = config.integer('groups', 32) === -1 ? channels : config.integer('groups', 32);
    if (groups < 1 || channels % groups !== 0) config.fail('groups', `a divisor of ${channels}`, groups);
    const inner = sizes(node);
    const grouped = reshape(g, node, [...inner.slice(0, -1), groups, channels / groups]);
    const axes = [...grouped.shape.keys()].filter((axis) => axis !== 0 && axis !== last);
    const normal = standardise(g, grouped, moments(g, grouped, axes), config.number('epsilon', 1e-3));
    return scaleAndShift(call, reshape(g, normal, inner), [last]);
  },
};

export const unitNormalization: LayerSpec = {
  names: ['UnitNormalization'],
  options: { axis: '' },
  build(call) {
    const node = call.input();
    // Keras 2 called tf.linalg.l2_normalize, whose epsilon is that of the squares.
    return unitLength(call.g, node, axesOption(call, node), call.kerasMajor < 3 ? 1e-6 : 1e-12);
  },
};

/** x / max(|x|, shortest) */
export function unitLength(g: GraphBuilder, node: Node, axes: readonly number[], shortest: number): Node {
  const squares = reduce(g, 'Sum', unary(g, 'Square', node, { exact: true }), axes, true, { exact: true });
  const bounded = binary(g, 'Maximum', squares, shortest ** 2, { exact: true });
  return binary(g, 'Mul', node, unary(g, 'Rsqrt', bounded, { exact: true }), { exact: true });
}

/** ConvNeXt's learned factor per channel; Keras 3 left the variable without a name. */
export const layerScale: LayerSpec = {
  names: ['LayerScale'],
  options: { projection_dim: '' },
  build({ g, input, weight }) {
    const node = input();
    const channels = Number(node.shape.at(-1));
    return affine(
      g,
      node,
      weight('variable', [channels]),
      lazyFloats([channels], () => new Float32Array(channels)),
    );
  },
};
