// Without oneDNN, TensorFlow fuses a convolution with the bias behind it and then cannot run it in groups. A sum of the
// general kind is not fused, and costs as much.
import type { Graph } from '../node.js';
import { mapGraph } from './map-graph.js';

export function partGroups(graph: Graph): Graph {
  return mapGraph(graph, (node, emit) => {
    const [source] = node.inputs;
    if (node.op !== 'BiasAdd' || source?.op !== 'Conv2D') return node;
    const [input, kernel] = source.inputs;
    const hasGroups = input !== undefined && input.shape.at(-1) !== kernel?.shape[2];
    return hasGroups ? emit({ ...node, op: 'AddV2', attributes: {} }) : node;
  });
}
