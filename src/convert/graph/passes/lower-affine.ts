// Affine maps that could not be folded become what TensorFlow has: a product and a sum, each only where it does something.
import { floatConstant, type Graph, type Node } from '../node.js';
import type { FloatTensor } from '../tensor.js';
import { mapGraph } from './map-graph.js';

const isAll = (tensor: FloatTensor | undefined, value: number): boolean =>
  tensor?.data.every((item) => item === value) ?? false;

export function lowerAffine(graph: Graph): Graph {
  return mapGraph(graph, (node, emit) => {
    if (node.op !== 'Affine') return node;
    const [source, scale, offset] = node.inputs;
    if (source === undefined || scale === undefined || offset === undefined) return node;
    const step = (op: 'Mul' | 'AddV2', input: Node, constant: Node): Node =>
      emit({ ...node, name: `${node.name}/${op}`, op, inputs: [input, constant] });
    const scaled = isAll(floatConstant(scale), 1) ? source : step('Mul', source, scale);
    return isAll(floatConstant(offset), 0) ? scaled : step('AddV2', scaled, offset);
  });
}
