// Which operations read a tensor, in the main graph and in the functions that it is handed to.
import type { FunctionDef, NodeDef } from '../saved-model/protos.js';
import { functionsIn } from './attributes.js';
import { argumentNames } from './function-def.js';
import { isControl } from './graph-model.js';

const CALLS = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

/** By the name of a node, the operations that its output ends in; `Identity` and calls hand it on. */
export type ReadersOf = (name: string) => ReadonlySet<string>;

interface Use {
  readonly node: NodeDef;
  /** Which of its inputs. */
  readonly at: number;
}

export class Readers {
  readonly #functions: ReadonlyMap<string, FunctionDef>;
  readonly #bodies = new Map<string, ReadersOf>();

  constructor(functions: readonly FunctionDef[]) {
    this.#functions = new Map(functions.map((definition) => [definition.name, definition]));
  }

  inBody(nodes: readonly NodeDef[]): ReadersOf {
    const uses = new Map<string, Use[]>();
    for (const node of nodes) {
      for (const [at, input] of node.inputs.entries()) {
        if (isControl(input)) continue;
        const [name = ''] = input.split(':');
        const list = uses.get(name);
        if (list === undefined) uses.set(name, [{ node, at }]);
        else list.push({ node, at });
      }
    }
    return (name) => {
      // The array grows while it is walked.
      const found = [...(uses.get(name) ?? [])];
      const followed = new Set<NodeDef>();
      const readers = new Set<string>();
      for (const { node, at } of found) {
        if (node.op !== 'Identity') {
          (this.#called(node, at) ?? [node.op]).forEach((op) => readers.add(op));
        } else if (!followed.has(node)) {
          followed.add(node);
          found.push(...(uses.get(node.name) ?? []));
        }
      }
      return readers;
    };
  }

  #called(call: NodeDef, argument: number): ReadonlySet<string> | undefined {
    const name = CALLS.has(call.op) ? functionsIn(call.attributes['f'], call.name)[0] : undefined;
    const definition = name === undefined ? undefined : this.#functions.get(name);
    if (definition === undefined) return undefined;
    const inBody = this.#bodies.get(definition.name) ?? this.inBody(definition.nodes);
    this.#bodies.set(definition.name, inBody);
    return inBody(argumentNames(definition)[argument] ?? '');
  }
}
