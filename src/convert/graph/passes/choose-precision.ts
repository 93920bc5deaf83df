// Computes in bfloat16 where the operation has a kernel for it; casts stand at the borders only.
import { computesInBfloat16 } from '../builder.js';
import { floatConstant, type Dtype, type Graph, type Node } from '../node.js';
import type { OpName } from '../op-table.js';
import { roundKeepingSums } from '../round-weights.js';
import { lazyHalves, sizeOf, type FloatTensor } from '../tensor.js';
import { mapGraph } from './map-graph.js';

/** The last axes of a kernel that stand for outputs; before them stand the values that each adds up. */
const OUTPUT_AXES: Partial<Record<OpName, number>> = { Conv2D: 1, MatMul: 1, DepthwiseConv2dNative: 2 };

export function toBfloat16(graph: Graph): Graph {
  const casts = new Map<string, Node>();
  const biases = roundedBiases(graph);

  return mapGraph(graph, (node, emit) => {
    if (node.op === 'Const' || node.op === 'Placeholder' || node.op === 'Cast') return node;

    const as = (input: Node, dtype: Dtype): Node => {
      if (input.dtype === dtype || (input.dtype !== 'float32' && input.dtype !== 'bfloat16')) return input;
      const name = `${input.name}/${dtype}`;
      const known = casts.get(name);
      if (known !== undefined) return known;
      // A constant is written in the wanted type at once.
      const made: Node =
        input.op === 'Const'
          ? { ...input, name, dtype, ...keepingSums(input, node, biases.get(node.name)) }
          : { name, op: 'Cast', inputs: [input], attributes: {}, shape: input.shape, dtype };
      casts.set(name, made);
      return emit(made);
    };

    const computed: Dtype = computesInBfloat16(node) && !scalesByInexact(node) ? 'bfloat16' : 'float32';
    // Conditions and shapes are what they are.
    const dtype = node.dtype === 'float32' ? computed : node.dtype;
    return emit({ ...node, inputs: node.inputs.map((input) => as(input, computed)), dtype });
  });
}

/**
 * A product with one number that bfloat16 does not hold, such as the sixth of hard_silu: rounded, it made every value
 * of MobileNetV3 0.2 % larger, layer after layer, and that was nine times the error of all other rounding.
 */
const scalesByInexact = ({ op, inputs }: Node): boolean =>
  op === 'Mul' &&
  inputs.some((input) => {
    const tensor = floatConstant(input);
    if (tensor === undefined || sizeOf(tensor.shape) !== 1) return false;
    const [word = 0] = new Uint32Array(tensor.data.slice(0, 1).buffer);
    return (word & 0xffff) !== 0;
  });

/** The bias, which will be rounded, that is added to what a node of this name gives. */
function roundedBiases({ nodes }: Graph): ReadonlyMap<string, FloatTensor> {
  const biases = new Map<string, FloatTensor>();
  for (const node of nodes) {
    const [source, added] = node.inputs;
    const bias = node.op === 'BiasAdd' && computesInBfloat16(node) ? floatConstant(added) : undefined;
    if (source !== undefined && bias !== undefined) biases.set(source.name, bias);
  }
  return biases;
}

/** What `input` becomes where it is a kernel of `user`, to whose output `bias` is added. */
function keepingSums(input: Node, user: Node, bias: FloatTensor | undefined): Pick<Node, 'constant'> {
  const { constant } = input;
  if (constant?.dtype !== 'float32' || input !== user.inputs[1]) return {};
  const axes = OUTPUT_AXES[user.op];
  if (axes === undefined) return {};
  const outputs = sizeOf(constant.shape.slice(-axes));
  return { constant: lazyHalves(constant.shape, () => roundKeepingSums(constant.data, outputs, bias?.data)) };
}
