// What a graph is made of, for people: its operations by name, each once, in the order in which they come.
import type { NodeDef } from '../saved-model/protos.js';
import { calledBy, type Reached } from './reach.js';

/** They hold the others together and compute nothing. */
const PLUMBING = new Set(
  'Const Identity IdentityN NoOp PartitionedCall Placeholder PlaceholderWithDefault ReadVariableOp StatefulPartitionedCall VarHandleOp Variable VariableV2'.split(
    ' ',
  ),
);

export function listOperations({ nodes, functions }: Reached, what: string): string[] {
  const bodies = new Map(functions.map((definition) => [definition.name, definition.nodes]));
  const opened = new Set<string>();
  const found = new Set<string>();
  const visit = (node: NodeDef): void => {
    if (!PLUMBING.has(node.op) && !bodies.has(node.op)) found.add(node.op);
    for (const name of calledBy(node, what)) {
      if (opened.has(name)) continue;
      opened.add(name);
      bodies.get(name)?.forEach(visit);
    }
  };
  nodes.forEach(visit);
  return [...found];
}
