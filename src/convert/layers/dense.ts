// Matrix products by learned kernels.
import { biasAdd } from '../graph/ops/convolution.js';
import { binary } from '../graph/ops/arithmetic.js';
import { einsum, matMul } from '../graph/ops/products.js';
import { reshapeAll } from '../graph/ops/shaping.js';
import { activate } from './activations.js';
import { sizes, type LayerSpec } from './layer.js';

export const dense: LayerSpec = {
  names: ['Dense'],
  options: { units: '', activation: 'see Activation', use_bias: '' },
  build(call) {
    const { g, config, input, weight } = call;
    const node = input();
    const units = config.integer('units');
    const features = Number(node.shape.at(-1));
    if (node.shape.length < 2) config.fail('input', 'at least one axis beside the batch', node.shape);
    // Axes between the batch and the features are folded into the batch for the product.
    const folded = node.shape.length === 2 ? node : reshapeAll(g, node, [null, features]);
    const product = matMul(g, folded, weight('kernel', [features, units]));
    const biased = config.boolean('use_bias', true) ? biasAdd(g, product, weight('bias', [units])) : product;
    const unfolded =
      node.shape.length === 2 ? biased : reshapeAll(g, biased, [null, ...sizes(node).slice(0, -1), units]);
    return activate(call, unfolded);
  },
};

export const einsumDense: LayerSpec = {
  names: ['EinsumDense'],
  options: { equation: '', output_shape: '', bias_axes: '', activation: 'see Activation' },
  build(call) {
    const { g, config, input, weight } = call;
    const node = input();
    const [sources = '', target = ''] = config.text('equation').replaceAll(' ', '').split('->');
    const [left = '', kernelLetters = ''] = sources.split(',');
    const output = config.values['output_shape'];
    const wanted = (Array.isArray(output) ? output : [output]).map((size) =>
      typeof size === 'number' ? size : null,
    );
    const known = new Map<string, number>();
    fromBothEnds(left, node.shape, (letter, size) => {
      if (size !== null) known.set(letter, size);
    });
    fromBothEnds(target, [null, ...wanted], (letter, size) => {
      if (size !== null && !known.has(letter)) known.set(letter, size);
    });
    const size = (letter: string): number =>
      known.get(letter) ?? config.fail('equation', `a size for "${letter}"`, config.values['equation']);
    const kernel = weight('kernel', Array.from(kernelLetters).map(size));
    const product = einsum(g, `${left},${kernelLetters}->${target}`, [node, g.constant(kernel, 'kernel')]);
    const biasAxes = config.has('bias_axes') ? config.text('bias_axes') : '';
    if (biasAxes === '') return activate(call, product);
    // The bias has the axes named, in the output's order, and ones for the output axes behind its first.
    const letters = target.replace('...', '');
    const bias = weight(
      'bias',
      Array.from(letters)
        .slice(firstOf(letters, biasAxes))
        .map((letter) => (biasAxes.includes(letter) ? size(letter) : 1)),
    );
    return activate(call, binary(g, 'AddV2', product, g.constant(bias, 'bias')));
  },
};

const firstOf = (letters: string, axes: string): number =>
  Math.min(...Array.from(axes).map((axis) => letters.indexOf(axis)));

/** Pairs letters with sizes; an ellipsis stands for what is left in the middle. */
function fromBothEnds(
  letters: string,
  shape: readonly (number | null)[],
  visit: (letter: string, size: number | null) => void,
): void {
  const [before = '', after] = letters.split('...');
  Array.from(before).forEach((letter, at) => visit(letter, shape[at] ?? null));
  if (after !== undefined)
    Array.from(after).forEach((letter, at) => visit(letter, shape[shape.length - after.length + at] ?? null));
}
