// Means, sums, largest and smallest over axes.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node } from '../node.js';
import { ints } from '../tensor.js';
import type { ExactOption } from './arithmetic.js';
import { binary, unary } from './arithmetic.js';

export type ReductionOp = 'Mean' | 'Sum' | 'Max' | 'Min' | 'Prod';

export function reduce(
  g: GraphBuilder,
  op: ReductionOp,
  input: Node,
  axes: readonly number[],
  keepDims: boolean,
  { exact = false }: ExactOption = {},
): Node {
  const shape = keepDims
    ? input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : input.shape.filter((_, axis) => !axes.includes(axis));
  return g.add(op, {
    inputs: [input, g.constant(ints(axes), 'axes')],
    attributes: { keep_dims: attribute.bool(keepDims) },
    shape,
    exact,
  });
}

export interface Moments {
  readonly mean: Node;
  readonly variance: Node;
}

/** Mean and variance over axes, which stay as axes of one; exact, as small differences of large sums must be. */
export function moments(g: GraphBuilder, input: Node, axes: readonly number[]): Moments {
  const mean = reduce(g, 'Mean', input, axes, true, { exact: true });
  const variance = reduce(g, 'Mean', binary(g, 'SquaredDifference', input, mean), axes, true, {
    exact: true,
  });
  return { mean, variance };
}

/** (x - mean) / sqrt(variance + epsilon) */
export function standardise(
  g: GraphBuilder,
  input: Node,
  { mean, variance }: Moments,
  epsilon: number,
): Node {
  const centred = binary(g, 'Sub', input, mean, { exact: true });
  const factor = unary(g, 'Rsqrt', binary(g, 'AddV2', variance, epsilon, { exact: true }), { exact: true });
  return binary(g, 'Mul', centred, factor, { exact: true });
}
