// Layers that bring several inputs together.
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { binary, type BinaryOp } from '../graph/ops/arithmetic.js';
import { einsum } from '../graph/ops/products.js';
import { concat, reshape } from '../graph/ops/shaping.js';
import { axisOf, sizes, type LayerCall, type LayerSpec } from './layer.js';
import { unitLength } from './live-normalization.js';

function several({ inputs, config }: LayerCall): readonly [Node, Node, ...Node[]] {
  const [first, second, ...rest] = inputs;
  if (first === undefined || second === undefined)
    return config.fail('inbound_nodes', 'two inputs or more', inputs.length);
  return [first, second, ...rest];
}

/** Inputs of fewer axes are broadcast along the first ones behind the batch. */
function combine(g: GraphBuilder, op: BinaryOp, inputs: readonly Node[]): Node {
  const rank = Math.max(...inputs.map((input) => input.shape.length));
  const alike = inputs.map((input) =>
    input.shape.length === rank
      ? input
      : reshape(g, input, [...Array.from({ length: rank - input.shape.length }, () => 1), ...sizes(input)]),
  );
  return alike.reduce((left, right) => binary(g, op, left, right));
}

const elementwise = (name: string, op: BinaryOp): LayerSpec => ({
  names: [name],
  options: {},
  build: (call) => combine(call.g, op, several(call)),
});

const subtract: LayerSpec = {
  names: ['Subtract'],
  options: {},
  build(call) {
    const [first, second, ...rest] = several(call);
    return rest.length > 0
      ? call.config.fail('inbound_nodes', 'two inputs', rest.length + 2)
      : combine(call.g, 'Sub', [first, second]);
  },
};

const average: LayerSpec = {
  names: ['Average'],
  options: {},
  build(call) {
    const inputs = several(call);
    return binary(call.g, 'Mul', combine(call.g, 'AddV2', inputs), 1 / inputs.length);
  },
};

const concatenate: LayerSpec = {
  names: ['Concatenate'],
  options: { axis: '' },
  build(call) {
    const inputs = several(call);
    return concat(
      call.g,
      inputs,
      axisOf(call.config, call.config.integer('axis', -1), inputs[0].shape.length),
    );
  },
};

/** Keras's epsilon. */
const SHORTEST = 1e-7;

const dot: LayerSpec = {
  names: ['Dot'],
  options: { axes: '', normalize: '' },
  build(call) {
    const { g, config } = call;
    const [a, b] = several(call);
    const axes = config.integers('axes');
    const [axisA, axisB] = [axes[0] ?? 0, axes[1] ?? axes[0] ?? 0].map((axis, at) =>
      axisOf(config, axis, (at === 0 ? a : b).shape.length, 'axes'),
    );
    const [left, right] = config.boolean('normalize', false)
      ? [unitLength(g, a, [axisA ?? 0], SHORTEST), unitLength(g, b, [axisB ?? 0], SHORTEST)]
      : [a, b];
    // The batch and the axes that are contracted have one letter in both.
    const lettersA = a.shape.map((_, axis) =>
      axis === 0 ? 'a' : axis === axisA ? 'z' : String.fromCharCode(98 + axis),
    );
    const lettersB = b.shape.map((_, axis) =>
      axis === 0 ? 'a' : axis === axisB ? 'z' : String.fromCharCode(104 + axis),
    );
    const kept = [...lettersA, ...lettersB.slice(1)].filter((letter) => letter !== 'z');
    const product = einsum(g, `${lettersA.join('')},${lettersB.join('')}->${kept.join('')}`, [left, right]);
    return product.shape.length === 1 ? reshape(g, product, [1]) : product;
  },
};

/** Inception-ResNet's sum: the second input by a factor. */
const customScale: LayerSpec = {
  names: ['CustomScaleLayer'],
  options: { scale: '' },
  build(call) {
    const [first, second] = several(call);
    return binary(call.g, 'AddV2', first, binary(call.g, 'Mul', second, call.config.number('scale')));
  },
};

export const merges: readonly LayerSpec[] = [
  elementwise('Add', 'AddV2'),
  elementwise('Multiply', 'Mul'),
  elementwise('Maximum', 'Maximum'),
  elementwise('Minimum', 'Minimum'),
  subtract,
  average,
  concatenate,
  dot,
  customScale,
];
