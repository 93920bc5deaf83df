// Follows a tensor back to the node that makes it, in and out of functions.
import type { FunctionDef, NodeDef } from '../saved-model/protos.js';
import { functionsIn } from './attributes.js';
import { argumentNames, outputNames } from './function-def.js';
import type { TensorName } from './graph-model.js';
import type { Reached } from './reach.js';

/** The main graph, or one call of a function. */
interface Body {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly inside?: { readonly definition: FunctionDef; readonly call: NodeDef; readonly caller: Body };
}

export interface Source {
  readonly node: NodeDef;
  /** What one of its inputs comes from. */
  input(at: number): Source | undefined;
}

/** `Identity` and its like hand on what they get. */
const TRANSPARENT = new Set([
  'Identity',
  'StopGradient',
  'ReadVariableOp',
  'EnsureShape',
  'Snapshot',
  'GuaranteeConst',
  'PreventGradient',
]);
const CALLS = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

/** Real graphs are left after some dozens; hostile ones may go in circles. */
const MAX_STEPS = 1000;

export function traceBack(graph: Reached, from: TensorName): Source | undefined {
  const functions = new Map(graph.functions.map((definition) => [definition.name, definition]));
  const main: Body = { nodes: byName(graph.nodes) };
  let steps = MAX_STEPS;

  const at = (body: Body, { node: name, output }: TensorName): Source | undefined => {
    if (--steps < 0) return undefined;
    const node = body.nodes.get(name);
    if (node === undefined) return fromCaller(body, name);
    if (TRANSPARENT.has(node.op)) return input(body, node, 0);
    const definition = CALLS.has(node.op)
      ? functions.get(functionsIn(node.attributes['f'], node.name)[0] ?? '')
      : undefined;
    if (definition === undefined) return { node, input: (number) => input(body, node, number) };
    const returned = new Map(definition.returns).get(outputNames(definition)[output] ?? '');
    const inner: Body = { nodes: byName(definition.nodes), inside: { definition, call: node, caller: body } };
    return returned === undefined ? undefined : at(inner, tensorName(returned));
  };
  const input = (body: Body, node: NodeDef, number: number): Source | undefined => {
    const name = node.inputs[number];
    return name === undefined ? undefined : at(body, tensorName(name));
  };
  const fromCaller = ({ inside }: Body, argument: string): Source | undefined =>
    inside === undefined
      ? undefined
      : input(inside.caller, inside.call, argumentNames(inside.definition).indexOf(argument));

  return at(main, from);
}

/** In the main graph `node:1`, in a function `node:output:1`. */
function tensorName(name: string): TensorName {
  const [node = '', ...rest] = name.split(':');
  return { node, output: Number(rest.at(-1) ?? 0) };
}

const byName = (nodes: readonly NodeDef[]): ReadonlyMap<string, NodeDef> =>
  new Map(nodes.map((node) => [node.name, node]));
