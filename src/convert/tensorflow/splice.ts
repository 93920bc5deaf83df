// Sets a graph by others between our first and last nodes. In our own graph one node stands for all of it; when nodes
// are written, that node makes way for theirs, whose names are put below its own so that none meets one of ours.
import type { Node } from '../graph/node.js';
import type { AttributeValue, NodeDef } from '../saved-model/protos.js';
import { FLOAT32 } from './data-types.js';
import { isControl, parseTensorName, type Endpoint } from './graph-model.js';

export interface Spliced {
  /** The node that stands for the graph: one input, one output. */
  readonly standIn: Node;
  readonly input: Endpoint;
  readonly output: Endpoint;
}

/** `ours` are the nodes of our graph, `theirs` those that the stand-in stands for. */
export function splice(
  ours: readonly NodeDef[],
  theirs: readonly NodeDef[],
  { standIn, input, output }: Spliced,
): readonly NodeDef[] {
  const below = (name: string): string => `${standIn.name}/${name}`;
  const renamed = (tensor: string): string =>
    isControl(tensor) ? `^${below(parseTensorName(tensor).node)}` : below(tensor);
  const [source] = standIn.inputs;
  const inner = theirs.map((node): NodeDef =>
    node.name === input.node
      ? convert(below(node.name), source?.name ?? '', FLOAT32, input.dtype)
      : { ...node, name: below(node.name), inputs: node.inputs.map(renamed) },
  );
  const result = convert(standIn.name, below(`${output.node}:${output.output}`), output.dtype, FLOAT32);
  return ours.flatMap((node) => (node.name === standIn.name ? [...inner, result] : [node]));
}

/** Our nodes compute in float32; a graph may want something else. */
function convert(name: string, input: string, from: number, to: number): NodeDef {
  const type = (value: number): AttributeValue => ({ kind: 'type', value });
  return from === to
    ? { name, op: 'Identity', inputs: [input], attributes: { T: type(to) } }
    : { name, op: 'Cast', inputs: [input], attributes: { SrcT: type(from), DstT: type(to) } };
}
