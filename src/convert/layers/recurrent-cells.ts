// One step of each kind of recurrent layer: from its input and the states before it to those after it.
import type { Node } from '../graph/node.js';
import { binary } from '../graph/ops/arithmetic.js';
import { matMul } from '../graph/ops/products.js';
import { slice } from '../graph/ops/shaping.js';
import type { GraphBuilder } from '../graph/builder.js';

/** What the steps of one layer share. */
export interface Cell {
  readonly g: GraphBuilder;
  readonly units: number;
  /** Of the state, for all gates; of a GRU that resets first, for the candidate apart. */
  readonly recurrent: readonly [Node, Node?];
  /** Added to the state's product. */
  readonly recurrentBias: Node | undefined;
  readonly activation: (node: Node) => Node;
  readonly recurrentActivation: (node: Node) => Node;
}

/**
 * `input` is multiplied by its kernel already. States come without any before the first step, where they are zeros;
 * the first of those given back is the output.
 */
export type Step = (cell: Cell, input: Node, states: readonly Node[]) => readonly Node[];

export const simpleStep: Step = (cell, input, [state]) => [
  cell.activation(plus(cell, input, times(cell, state, cell.recurrent[0]))),
];

/** Gates in Keras's order: what enters, what is kept, the candidate, what leaves. */
export const lstmStep: Step = (cell, input, [hidden, carry]) => {
  const { g, activation, recurrentActivation } = cell;
  const summed = plus(cell, input, times(cell, hidden, cell.recurrent[0]));
  const gate = (at: number): Node => recurrentActivation(part(cell, summed, at));
  // What is carried over many steps stays in float32.
  const fresh = binary(g, 'Mul', gate(0), activation(part(cell, summed, 2)), { exact: true });
  const carried =
    carry === undefined
      ? fresh
      : binary(g, 'AddV2', binary(g, 'Mul', gate(1), carry, { exact: true }), fresh, { exact: true });
  return [binary(g, 'Mul', gate(3), activation(carried), { exact: true }), carried];
};

/** Update, reset, candidate. */
export const gruStep: Step = (cell, input, [state]) => {
  const { g, activation, recurrentActivation, recurrent, recurrentBias } = cell;
  const [columns, apart] = recurrent;
  const product = times(cell, state, columns);
  const before = product === undefined ? recurrentBias : plus(cell, product, recurrentBias);
  const beforePart = (at: number): Node | undefined =>
    before === undefined ? undefined : part(cell, before, at);
  const gate = (at: number): Node => recurrentActivation(plus(cell, part(cell, input, at), beforePart(at)));
  const reset = (node: Node | undefined): Node | undefined =>
    node === undefined ? undefined : binary(g, 'Mul', gate(1), node);

  const update = gate(0);
  const inner = apart === undefined ? reset(beforePart(2)) : times(cell, reset(state), apart);
  const candidate = activation(plus(cell, part(cell, input, 2), inner));
  const fresh = binary(g, 'Mul', binary(g, 'Sub', 1, update, { exact: true }), candidate, { exact: true });
  return [
    state === undefined
      ? fresh
      : binary(g, 'AddV2', binary(g, 'Mul', update, state, { exact: true }), fresh, { exact: true }),
  ];
};

/** The columns of one gate. */
const part = ({ g, units }: Cell, node: Node, at: number): Node =>
  slice(g, node, [{}, { start: at * units, stop: (at + 1) * units }]);

const times = ({ g }: Cell, state: Node | undefined, kernel: Node): Node | undefined =>
  state === undefined ? undefined : matMul(g, state, kernel);

const plus = ({ g }: Cell, a: Node, b: Node | undefined): Node =>
  b === undefined ? a : binary(g, 'AddV2', a, b);
