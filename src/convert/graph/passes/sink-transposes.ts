// Moves transpositions towards the output, past operations that do not care about the order of axes, until they meet
// their opposites and vanish: a channels_first network is then transposed once at its input, or not at all.
import { sizeOf, type Tensor } from '../tensor.js';
import { constantOf, type Graph, type Node } from '../node.js';
import { mapGraph } from './map-graph.js';

/** One value in, one value out, at the same place. */
const UNARY = new Set([
  'Relu',
  'Relu6',
  'LeakyRelu',
  'Elu',
  'Selu',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Softsign',
  'Exp',
  'Neg',
  'Abs',
  'Square',
  'Sqrt',
  'Identity',
]);
const BINARY = new Set(['AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum']);

export function sinkTransposes(graph: Graph): Graph {
  return mapGraph(graph, (node, emit) => {
    if (node === graph.output) return node;
    if (node.op === 'Transpose') return joined(node, emit) ?? node;
    const [first] = node.inputs;
    const order = first === undefined ? undefined : orderOf(first);
    if (order === undefined) return node;
    if (UNARY.has(node.op)) return moved(node, order, emit);
    if (
      BINARY.has(node.op) &&
      node.inputs.every((input) => isScalar(input) || sameOrder(orderOf(input), order))
    ) {
      return moved(node, order, emit);
    }
    return node;
  });
}

/** The operation on what was transposed, then the transposition. */
function moved(node: Node, order: readonly number[], emit: (node: Node) => Node): Node {
  const inputs = node.inputs.map((input) =>
    orderOf(input) === undefined ? input : (input.inputs[0] ?? input),
  );
  const shape = order.map((_, at) => node.shape[order.indexOf(at)] ?? null);
  const inner = emit({ ...node, name: `${node.name}/inner`, inputs, shape });
  return emit(transposed(node.name, inner, order, emit));
}

/** Two transpositions are one, or none. */
function joined(node: Node, emit: (node: Node) => Node): Node | undefined {
  const [inner] = node.inputs;
  const [outerOrder, innerOrder] = [orderOf(node), inner === undefined ? undefined : orderOf(inner)];
  const source = inner?.inputs[0];
  if (outerOrder === undefined || innerOrder === undefined || source === undefined) return undefined;
  const order = outerOrder.map((axis) => innerOrder[axis] ?? axis);
  return order.every((axis, at) => axis === at) ? source : emit(transposed(node.name, source, order, emit));
}

function transposed(name: string, input: Node, order: readonly number[], emit: (node: Node) => Node): Node {
  const tensor: Tensor = { dtype: 'int32', shape: [order.length], data: Int32Array.from(order) };
  return {
    name,
    op: 'Transpose',
    inputs: [input, emit(constantOf(`${name}/order`, tensor))],
    attributes: {},
    shape: order.map((axis) => input.shape[axis] ?? null),
    dtype: input.dtype,
    ...(input.exact === true ? { exact: true } : {}),
  };
}

function orderOf(node: Node): readonly number[] | undefined {
  const constant = node.op === 'Transpose' ? node.inputs[1]?.constant : undefined;
  return constant === undefined ? undefined : Array.from(constant.data);
}

const sameOrder = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
  a?.every((axis, at) => axis === b[at]) ?? false;

const isScalar = (node: Node): boolean => node.constant !== undefined && sizeOf(node.constant.shape) === 1;
