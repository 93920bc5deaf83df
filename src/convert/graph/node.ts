// The graph between Keras and TensorFlow: nodes with one output each, in an order that can be run.
import type { OpName } from './op-table.js';
import type { Tensor } from './tensor.js';

export type Dtype = 'float32' | 'bfloat16' | 'int32' | 'uint8' | 'bool';

/** Only the batch, first, is unknown: the sizes of pictures are settled before a graph is built. */
export type Shape = readonly (number | null)[];

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string };

export interface Node {
  readonly name: string;
  readonly op: OpName;
  readonly inputs: readonly Node[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** The value of a Const. */
  readonly constant?: Tensor;
  /** Computed in float32 whatever the model's precision: preprocessing, where rounding would cost most. */
  readonly exact?: true;
}

export interface Graph {
  /** Every node after its inputs. */
  readonly nodes: readonly Node[];
  readonly input: Node;
  readonly output: Node;
}

/** The constant behind a node, where it is a float one. */
export const floatConstant = (node: Node | undefined) =>
  node?.constant?.dtype === 'float32' ? node.constant : undefined;

export const constantOf = (name: string, tensor: Tensor): Node => ({
  name,
  op: 'Const',
  inputs: [],
  attributes: {},
  shape: tensor.shape,
  dtype: tensor.dtype,
  constant: tensor,
});
