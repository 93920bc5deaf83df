// Which variable of a graph has which name in its file: read off the part of the graph that would restore them.
// TensorFlow 1 keeps it among the other nodes, TensorFlow 2 in a function that is called with the variables.
import { AppError } from '../../errors/app-error.js';
import type { NodeDef } from '../saved-model/protos.js';
import { functionsIn, readStringTensor } from './attributes.js';
import { argumentNames } from './function-def.js';
import type { GraphDef } from './graph-def.js';
import { isControl, parseTensorName } from './graph-model.js';
import { reach } from './reach.js';

const ASSIGNMENTS = new Set(['Assign', 'AssignVariableOp']);

/** Names in the file by names of variables' nodes. `restoreOp` is what SaverDef says to run. */
export function restoredVariables(
  graph: GraphDef,
  restoreOp: string,
  what: string,
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const { nodes } = reach(graph, [parseTensorName(restoreOp).node], new Set(), what);
  collect(nodes, (name) => name, keys, what);
  const functions = new Map(graph.functions.map((definition) => [definition.name, definition]));
  for (const call of nodes) {
    const inputs = call.inputs
      .filter((input) => !isControl(input))
      .map((input) => parseTensorName(input).node);
    for (const called of functionsIn(call.attributes['f'], what)) {
      const definition = functions.get(called);
      if (definition === undefined) continue;
      const names = argumentNames(definition);
      collect(definition.nodes, (name) => inputs[names.indexOf(name)] ?? name, keys, what);
    }
  }
  return keys;
}

/** `outside` says what an argument of a function is called by its caller. */
function collect(
  nodes: readonly NodeDef[],
  outside: (name: string) => string,
  keys: Map<string, string>,
  what: string,
): void {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const { op, inputs } of nodes) {
    const [variable, value] = inputs;
    if (!ASSIGNMENTS.has(op) || variable === undefined || value === undefined) continue;
    const key = restoredKey(value, byName, what);
    if (key !== undefined) keys.set(outside(parseTensorName(variable).node), key);
  }
}

/** The name under which a RestoreV2 reads the value, if that is where it comes from. */
function restoredKey(
  value: string,
  nodes: ReadonlyMap<string, NodeDef>,
  what: string,
  steps = 0,
): string | undefined {
  const { node: name, output } = parseTensorName(value);
  // In a function an output has a name before its number: `RestoreV2:tensors:3`.
  const node = nodes.get(name.split(':')[0] ?? name);
  const [before, names] = node?.inputs ?? [];
  if (node?.op === 'Identity' && before !== undefined && steps < nodes.size)
    return restoredKey(before, nodes, what, steps + 1);
  if (node?.op !== 'RestoreV2' || names === undefined) return undefined;
  const constant = nodes.get(parseTensorName(names).node.split(':')[0] ?? '');
  const key = readStringTensor(constant?.attributes['value'], what)[output];
  if (key === undefined)
    throw new AppError(
      'checkpoint_damaged',
      `${what}: the node "${name}" restores more variables than it names`,
    );
  return key;
}
