// Input and output of a graph that has no signature: its only placeholder, and what nothing else uses.
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import type { NodeDef } from '../saved-model/protos.js';
import { readShape, readShapes, readType } from './attributes.js';
import { FLOAT32 } from './data-types.js';
import type { GraphDef } from './graph-def.js';
import { parseTensorName, type Endpoint } from './graph-model.js';

export function findEnds(
  { nodes }: GraphDef,
  wanted: GraphEnds,
  what: string,
): { input: Endpoint; output: Endpoint } {
  return {
    input: wanted.input === undefined ? findInput(nodes, what) : named(nodes, wanted.input, 'input', what),
    output:
      wanted.output === undefined ? findOutput(nodes, what) : named(nodes, wanted.output, 'output', what),
  };
}

export function endpointOf(nodes: readonly NodeDef[], tensor: string, what: string): Endpoint | undefined {
  const { node: name, output } = parseTensorName(tensor);
  const node = nodes.find((candidate) => candidate.name === name);
  if (node === undefined) return undefined;
  const { dtype, DstT, T, shape, _output_shapes: outputShapes } = node.attributes;
  return {
    node: name,
    output,
    dtype: readType(dtype ?? DstT ?? T, what) ?? FLOAT32,
    shape:
      (outputShapes === undefined ? undefined : readShapes(outputShapes, what)[output]) ??
      readShape(shape, what),
  };
}

function named(nodes: readonly NodeDef[], tensor: string, side: 'input' | 'output', what: string): Endpoint {
  const found = endpointOf(nodes, tensor, what);
  if (found !== undefined) return found;
  throw new AppError(
    'manifest_invalid',
    `${what}: graph.${side} names "${tensor}", which is not in the graph`,
  );
}

function findInput(nodes: readonly NodeDef[], what: string): Endpoint {
  return only(
    nodes.filter((node) => node.op === 'Placeholder'),
    nodes,
    'input',
    what,
  );
}

/** A prediction read off the scores is no score itself; what is behind it is. */
const READ_OFF = new Set(['ArgMax', 'TopKV2', 'TopK']);

function findOutput(nodes: readonly NodeDef[], what: string): Endpoint {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const used = new Set<string>();
  for (const node of nodes) {
    if (READ_OFF.has(node.op)) continue;
    for (const input of node.inputs) if (!input.startsWith('^')) used.add(parseTensorName(input).node);
  }
  const ends = nodes.flatMap((node): readonly NodeDef[] => {
    if (used.has(node.name) || READ_OFF.has(node.op) || node.op === 'Const' || node.op === 'NoOp') return [];
    return node.inputs.length === 0 ? [] : [node];
  });
  const scores = ends.filter((node) => endsIn(node, 'Softmax', byName));
  return only(scores.length === 1 ? scores : ends, nodes, 'output', what);
}

function endsIn(node: NodeDef, op: string, byName: ReadonlyMap<string, NodeDef>): boolean {
  const [before] = node.inputs;
  if (node.op !== 'Identity' || before === undefined) return node.op === op;
  const source = byName.get(parseTensorName(before).node);
  return source !== undefined && endsIn(source, op, byName);
}

function only(
  candidates: readonly NodeDef[],
  nodes: readonly NodeDef[],
  side: 'input' | 'output',
  what: string,
): Endpoint {
  const [node, ...others] = candidates;
  const found = node === undefined || others.length > 0 ? undefined : endpointOf(nodes, node.name, what);
  if (found !== undefined) return found;
  const names = candidates.slice(0, 8).map(({ name, op }) => `${name} (${op})`);
  throw new AppError(
    'not_a_classifier',
    `${what}: the graph does not say which is its ${side}: ${names.join(', ') || 'none is to be seen'}`,
    {
      remedy: `Name the ${side} in the manifest: "graph": { "${side}": "..." }.`,
    },
  );
}
