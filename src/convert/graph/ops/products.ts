// Products of matrices.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import type { FloatTensor } from '../tensor.js';
import { broadcastShape } from './arithmetic.js';

/** Kernel: inputs, outputs; a node where several products share it. */
export const matMul = (g: GraphBuilder, input: Node, kernel: FloatTensor | Node): Node =>
  g.add('MatMul', {
    inputs: [input, 'op' in kernel ? kernel : g.constant(kernel, 'kernel')],
    attributes: { transpose_a: attribute.bool(false), transpose_b: attribute.bool(false) },
    shape: [null, kernel.shape[1] ?? 0],
  });

/** The last two axes are matrices, those before them are broadcast. */
export function batchMatMul(g: GraphBuilder, a: Node, b: Node): Node {
  const [rows, inner] = a.shape.slice(-2);
  const [other, columns] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== other) {
    throw new RangeError(`matrices [${a.shape.join(', ')}] and [${b.shape.join(', ')}] cannot be multiplied`);
  }
  return g.add('BatchMatMulV2', {
    inputs: [a, b],
    attributes: { adj_x: attribute.bool(false), adj_y: attribute.bool(false) },
    shape: [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows ?? null, columns ?? null],
  });
}

/** Einstein summation; an ellipsis is spelt out, so that every axis has a letter. */
export function einsum(g: GraphBuilder, equation: string, inputs: readonly Node[]): Node {
  const spelt = spellOut(equation.replaceAll(' ', ''), inputs);
  const [sources = '', target = ''] = spelt.split('->');
  const sizes = new Map<string, number | null>();
  sources.split(',').forEach((letters, at) => {
    const shape = inputs[at]?.shape ?? [];
    if (letters.length !== shape.length)
      throw new RangeError(`"${letters}" does not fit a tensor of ${shape.length} axes`);
    Array.from(letters).forEach((letter, axis) => sizes.set(letter, shape[axis] ?? null));
  });
  return g.add('Einsum', {
    inputs,
    attributes: { equation: attribute.string(spelt), N: attribute.int(inputs.length) },
    shape: Array.from(target).map((letter) => sizes.get(letter) ?? null),
  });
}

function spellOut(equation: string, inputs: readonly Node[]): string {
  if (!/^[A-Za-z.]+(,[A-Za-z.]+)*->[A-Za-z.]*$/.test(equation))
    throw new RangeError(`"${equation}" is not an equation that is read here`);
  if (!equation.includes('...')) return equation;
  const free = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ').filter((letter) => !equation.includes(letter));
  const first = equation.split('->')[0]?.split(',') ?? [];
  const at = first.findIndex((letters) => letters.includes('...'));
  const axes = (inputs[at]?.shape.length ?? 0) - (first[at] ?? '').replace('...', '').length;
  return equation.replaceAll('...', free.slice(0, Math.max(0, axes)).join(''));
}
