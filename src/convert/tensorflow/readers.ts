// Which nodes read a tensor, in the main graph and in the functions that it is handed to.
import type { FunctionDef, NodeDef } from '../saved-model/protos.js';
import { functionsIn } from './attributes.js';
import { argumentNames } from './function-def.js';
import { isControl } from './graph-model.js';

export interface Reader {
  readonly node: NodeDef;
  /** Which of its inputs the tensor is. */
  readonly at: number;
  /** The node behind another of its inputs, where that is beside it. */
  readonly input: (number: number) => NodeDef | undefined;
}

/** By the name of a node, or of an argument. */
export type ReadersOf = (name: string) => readonly Reader[];

const CALLS = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

export class Readers {
  readonly #functions: ReadonlyMap<string, FunctionDef>;
  readonly #bodies = new Map<string, ReadersOf>();

  constructor(
    functions: readonly FunctionDef[],
    /** Operations that hand on their first input: what reads it there is looked for behind them. */
    private readonly handingOn: ReadonlySet<string>,
  ) {
    this.#functions = new Map(functions.map((definition) => [definition.name, definition]));
  }

  inBody(nodes: readonly NodeDef[]): ReadersOf {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const uses = new Map<string, Reader[]>();
    for (const node of nodes) {
      const input = (number: number): NodeDef | undefined => byName.get(nodeOf(node.inputs[number] ?? ''));
      for (const [at, tensor] of node.inputs.entries()) {
        if (isControl(tensor)) continue;
        const list = uses.get(nodeOf(tensor));
        if (list === undefined) uses.set(nodeOf(tensor), [{ node, at, input }]);
        else list.push({ node, at, input });
      }
    }
    return (name) => {
      // The array grows while it is walked.
      const found = [...(uses.get(name) ?? [])];
      const followed = new Set<NodeDef>();
      const readers: Reader[] = [];
      for (const reader of found) {
        const { node, at } = reader;
        if (!this.handingOn.has(node.op) || at > 0) readers.push(...(this.#called(node, at) ?? [reader]));
        else if (!followed.has(node)) {
          followed.add(node);
          found.push(...(uses.get(node.name) ?? []));
        }
      }
      return readers;
    };
  }

  #called(call: NodeDef, argument: number): readonly Reader[] | undefined {
    const name = CALLS.has(call.op) ? functionsIn(call.attributes['f'], call.name)[0] : undefined;
    const definition = name === undefined ? undefined : this.#functions.get(name);
    if (definition === undefined) return undefined;
    const inBody = this.#bodies.get(definition.name) ?? this.inBody(definition.nodes);
    this.#bodies.set(definition.name, inBody);
    return inBody(argumentNames(definition)[argument] ?? '');
  }
}

/** `node:1` in the main graph, `node:output:1` in a function. */
const nodeOf = (tensor: string): string => tensor.split(':')[0] ?? tensor;
