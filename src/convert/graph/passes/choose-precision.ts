// Computes in bfloat16 where the operation has a kernel for it; casts stand at the borders only.
import { computesInBfloat16 } from '../builder.js';
import type { Dtype, Graph, Node } from '../node.js';
import { mapGraph } from './map-graph.js';

export function toBfloat16(graph: Graph): Graph {
  const casts = new Map<string, Node>();

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
          ? { ...input, name, dtype }
          : { name, op: 'Cast', inputs: [input], attributes: {}, shape: input.shape, dtype };
      casts.set(name, made);
      return emit(made);
    };

    const computed: Dtype = computesInBfloat16(node) ? 'bfloat16' : 'float32';
    // Conditions and shapes are what they are.
    const dtype = node.dtype === 'float32' ? computed : node.dtype;
    return emit({ ...node, inputs: node.inputs.map((input) => as(input, computed)), dtype });
  });
}
