// Two biases one behind the other become one.
import { constantOf, floatConstant, type Graph } from '../node.js';
import { lazyFloats } from '../tensor.js';
import { biasNode } from './fold-affine.js';
import { countUses, mapGraph } from './map-graph.js';

export function mergeBiases(graph: Graph): Graph {
  const uses = countUses(graph);
  const usedOnce = new Set(graph.nodes.filter((node) => uses.get(node) === 1).map((node) => node.name));
  return mapGraph(graph, (node, emit) => {
    const [inner, outerConstant] = node.inputs;
    if (node.op !== 'BiasAdd' || inner?.op !== 'BiasAdd' || !usedOnce.has(inner.name)) return node;
    const [source, innerConstant] = inner.inputs;
    const [first, second] = [floatConstant(innerConstant), floatConstant(outerConstant)];
    if (source === undefined || first === undefined || second === undefined) return node;
    const sum = lazyFloats(first.shape, () => {
      const added = second.data;
      return first.data.map((value, at) => value + (added[at] ?? 0));
    });
    return biasNode(node.name, source, emit(constantOf(`${node.name}/sum`, sum)), emit);
  });
}
