// What of a graph is run: the nodes that its outputs need, and the functions that these call. All else (training,
// saving, other signatures) is left out, so that nothing remains that was not checked.
import { AppError } from '../../errors/app-error.js';
import type { FunctionDef, NodeDef } from '../saved-model/protos.js';
import { functionsIn } from './attributes.js';
import { MAX_NODES, type GraphDef } from './graph-def.js';
import { parseTensorName } from './graph-model.js';

export interface Reached {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
}

/** Functions call functions, real ones a handful deep; TensorFlow replaces calls by what they call. */
const MAX_CALL_DEPTH = 64;

/** `from` are names of nodes; what stands before the nodes `upTo` is not needed. */
export function reach(
  graph: GraphDef,
  from: readonly string[],
  upTo: ReadonlySet<string>,
  what: string,
): Reached {
  const nodes = reachNodes(graph, from, upTo, what);
  return { nodes, functions: reachFunctions(graph.functions, nodes, what) };
}

function reachNodes(
  graph: GraphDef,
  from: readonly string[],
  upTo: ReadonlySet<string>,
  what: string,
): readonly NodeDef[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const reached = new Set(from);
  // The set grows while it is walked.
  for (const name of reached) {
    const node = byName.get(name);
    if (node === undefined)
      throw new AppError(
        'checkpoint_damaged',
        `${what}: the node "${name}" is used, but is not in the graph`,
      );
    if (upTo.has(name)) continue;
    for (const input of node.inputs) reached.add(parseTensorName(input).node);
  }
  return graph.nodes.filter(({ name }) => reached.has(name));
}

/** Names of the functions that a node calls: by an attribute, or as its operation. */
export const calledBy = (node: NodeDef, what: string): readonly string[] => [
  node.op,
  ...Object.values(node.attributes).flatMap((attribute) => functionsIn(attribute, what)),
];

interface Extent {
  readonly depth: number;
  /** Nodes, once every call is replaced by what it calls. */
  readonly nodes: number;
}

function reachFunctions(
  library: readonly FunctionDef[],
  nodes: readonly NodeDef[],
  what: string,
): readonly FunctionDef[] {
  const byName = new Map(library.map((definition) => [definition.name, definition]));
  const extents = new Map<string, Extent>();
  const open = new Set<string>();

  const measure = (body: readonly NodeDef[]): Extent => {
    const called = body.flatMap((node) => calledBy(node, what).map(visit));
    return {
      depth: Math.max(0, ...called.map(({ depth }) => depth)),
      nodes: called.reduce((sum, extent) => sum + extent.nodes, body.length),
    };
  };
  const visit = (name: string): Extent => {
    const definition = byName.get(name);
    const known = extents.get(name);
    if (definition === undefined || known !== undefined) return known ?? { depth: 0, nodes: 0 };
    if (open.has(name))
      throw new AppError('checkpoint_unsupported', `${what}: the function ${name} calls itself`);
    if (open.size >= MAX_CALL_DEPTH) throw tooDeep(name, what);
    open.add(name);
    const { depth, nodes: size } = measure(definition.nodes);
    open.delete(name);
    if (depth >= MAX_CALL_DEPTH || size > MAX_NODES) throw tooDeep(name, what);
    extents.set(name, { depth: depth + 1, nodes: size });
    return { depth: depth + 1, nodes: size };
  };

  measure(nodes);
  return library.filter(({ name }) => extents.has(name));
}

const tooDeep = (name: string, what: string): AppError =>
  new AppError(
    'model_too_large',
    `${what}: with all its calls written out, the function ${name} is more than ${MAX_CALL_DEPTH} deep or has more than ${MAX_NODES.toLocaleString('en')} nodes`,
  );
