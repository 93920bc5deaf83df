// Arithmetic value by value: one operand, two with broadcasting, the affine map by channel.
import { attribute, type GraphBuilder } from '../builder.js';
import type { Node, Shape } from '../node.js';
import { floatScalar, type FloatTensor } from '../tensor.js';

/** NumPy's broadcasting rule. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = axis - (rank - a.length) < 0 ? 1 : a[axis - (rank - a.length)];
    const right = axis - (rank - b.length) < 0 ? 1 : b[axis - (rank - b.length)];
    if (left === right || right === 1) return left ?? null;
    if (left === 1) return right ?? null;
    throw new RangeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] cannot be combined`);
  });
}

export type UnaryOp =
  | 'Abs'
  | 'Neg'
  | 'Floor'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Rsqrt'
  | 'Square'
  | 'Erf'
  | 'Relu'
  | 'Relu6'
  | 'Elu'
  | 'Selu'
  | 'Sigmoid'
  | 'Tanh'
  | 'Softplus'
  | 'Softsign'
  | 'Identity';

export type BinaryOp =
  | 'AddV2'
  | 'Sub'
  | 'Mul'
  | 'RealDiv'
  | 'FloorDiv'
  | 'FloorMod'
  | 'Maximum'
  | 'Minimum'
  | 'Pow'
  | 'SquaredDifference';

/** A node, or a number that becomes a constant. */
export type Operand = Node | number;

const asNode = (g: GraphBuilder, operand: Operand): Node =>
  typeof operand === 'number' ? g.constant(floatScalar(operand)) : operand;

export interface ExactOption {
  /** Computed in float32 whatever the model's precision. */
  readonly exact?: boolean;
}

export const unary = (g: GraphBuilder, op: UnaryOp, input: Node, { exact = false }: ExactOption = {}): Node =>
  g.add(op, { inputs: [input], shape: input.shape, exact });

export function binary(
  g: GraphBuilder,
  op: BinaryOp,
  a: Operand,
  b: Operand,
  { exact = false }: ExactOption = {},
): Node {
  const [left, right] = [asNode(g, a), asNode(g, b)];
  return g.add(op, { inputs: [left, right], shape: broadcastShape(left.shape, right.shape), exact });
}

export const leakyRelu = (g: GraphBuilder, input: Node, alpha: number): Node =>
  g.add('LeakyRelu', { inputs: [input], attributes: { alpha: attribute.float(alpha) }, shape: input.shape });

/** `yes` where `a` is greater than `b`, else `no`. */
export function whereGreater(g: GraphBuilder, a: Operand, b: Operand, yes: Operand, no: Operand): Node {
  const [left, right, then, otherwise] = [asNode(g, a), asNode(g, b), asNode(g, yes), asNode(g, no)];
  const condition = g.add('Greater', {
    inputs: [left, right],
    shape: broadcastShape(left.shape, right.shape),
    dtype: 'bool',
  });
  const shape = broadcastShape(broadcastShape(condition.shape, then.shape), otherwise.shape);
  return g.add('SelectV2', { inputs: [condition, then, otherwise], shape });
}

export const clip = (g: GraphBuilder, input: Node, low: number, high: number): Node =>
  binary(g, 'Minimum', binary(g, 'Maximum', input, low), high);

/** x * scale + offset; both are scalars or have one value per channel (the last axis). */
export const affine = (
  g: GraphBuilder,
  input: Node,
  scale: FloatTensor,
  offset: FloatTensor,
  exact = false,
): Node =>
  g.add('Affine', {
    inputs: [input, g.constant(scale, 'scale'), g.constant(offset, 'offset')],
    shape: input.shape,
    exact,
  });
