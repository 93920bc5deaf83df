// What every pass is made of: walking the graph once, rebuilding nodes over their rebuilt inputs.
import type { Graph, Node } from '../node.js';

export type Rewrite = (node: Node, emit: (node: Node) => Node) => Node;

/**
 * `rewrite` gets each node with its inputs already rewritten and returns what stands for it; nodes that it makes
 * beside go through `emit`. Nodes that nothing uses any more are left out.
 */
export function mapGraph(graph: Graph, rewrite: Rewrite): Graph {
  const replaced = new Map<Node, Node>();
  const now = (node: Node): Node => replaced.get(node) ?? node;
  const nodes: Node[] = [];
  const emit = (node: Node): Node => {
    nodes.push(node);
    return node;
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(now);
    const moved = inputs.some((input, at) => input !== node.inputs[at]);
    const current = moved ? { ...node, inputs } : node;
    const result = rewrite(current, emit);
    if (result === current) emit(current);
    replaced.set(node, result);
  }
  return withoutUnused({ nodes, input: now(graph.input), output: now(graph.output) });
}

function withoutUnused(graph: Graph): Graph {
  const used = new Set<Node>([graph.input, graph.output]);
  for (const node of graph.nodes.toReversed()) {
    if (used.has(node)) node.inputs.forEach((input) => used.add(input));
  }
  return { ...graph, nodes: graph.nodes.filter((node) => used.has(node)) };
}

/** How many nodes use each node; the graph's output has one use more. */
export function countUses(graph: Graph): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>([[graph.output, 1]]);
  for (const node of graph.nodes) {
    for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}
