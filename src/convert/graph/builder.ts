// Makes nodes: unique legal names, constants, and the one place where nodes come into being in order, and where there is
// an end to how many there are: small files ask for graphs of any size.
import { AppError } from '../../errors/app-error.js';
import { opTable, type OpName } from './op-table.js';
import { constantOf, type Attribute, type Dtype, type Graph, type Node, type Shape } from './node.js';
import type { Tensor } from './tensor.js';

/** The largest of Keras Applications has 6,000 nodes; a recurrent layer over 1,024 steps has 15,000. */
const MAX_STEPS = 200_000;

export interface NodeOptions {
  /** For the graph's input and output, whose names others rely on; the operation's name within the scope otherwise. */
  readonly name?: string;
  readonly inputs?: readonly Node[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly shape: Shape;
  readonly dtype?: Dtype;
  readonly exact?: boolean;
}

export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #names = new Map<string, number>();
  #scope = '';
  /** Nodes made and scopes entered: models that call models many times each need not make any nodes. */
  #steps = 0;

  /** Nodes made while `body` runs are named under `scope`: a profile then names the Keras layers. */
  within<T>(scope: string, body: () => T): T {
    this.#count();
    const outer = this.#scope;
    this.#scope = `${outer}${legalName(scope)}/`;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  add(op: OpName, options: NodeOptions): Node {
    return this.#push({
      name: options.name ?? this.#unique(op),
      op,
      inputs: options.inputs ?? [],
      attributes: options.attributes ?? {},
      shape: options.shape,
      dtype: options.dtype ?? 'float32',
      ...(options.exact === true ? { exact: true } : {}),
    });
  }

  constant(tensor: Tensor, name = 'const'): Node {
    return this.#push(constantOf(this.#unique(name), tensor));
  }

  /** An operation whose output is like its first input. */
  map(op: OpName, input: Node, ...rest: Node[]): Node {
    return this.add(op, { inputs: [input, ...rest], shape: input.shape, dtype: input.dtype });
  }

  get count(): number {
    return this.#nodes.length;
  }

  /** The nodes made since there were `count`. */
  madeSince(count: number): readonly Node[] {
    return this.#nodes.slice(count);
  }

  finish(input: Node, output: Node): Graph {
    return { nodes: this.#nodes, input, output };
  }

  #push(node: Node): Node {
    this.#count();
    this.#nodes.push(node);
    return node;
  }

  #count(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) {
      throw new AppError(
        'model_too_large',
        `${this.#scope.slice(0, 200)}: the model comes to more than ${MAX_STEPS.toLocaleString('en')} operations`,
      );
    }
  }

  #unique(name: string): string {
    const wanted = this.#scope + name;
    const uses = this.#names.get(wanted) ?? 0;
    this.#names.set(wanted, uses + 1);
    return uses === 0 ? wanted : `${wanted}_${uses}`;
  }
}

/** TensorFlow's rule for the names of nodes (node_def_util.cc): [A-Za-z0-9.][A-Za-z0-9_.\\/>-]* */
const legalName = (name: string): string => name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^[_-]/, '.$&');

/** Attributes by their kind, to keep calls short. */
export const attribute = {
  int: (value: number): Attribute => ({ kind: 'int', value }),
  ints: (value: readonly number[]): Attribute => ({ kind: 'ints', value }),
  float: (value: number): Attribute => ({ kind: 'float', value }),
  bool: (value: boolean): Attribute => ({ kind: 'bool', value }),
  string: (value: string): Attribute => ({ kind: 'string', value }),
} as const;

export const computesInBfloat16 = (node: Node): boolean => node.exact !== true && opTable[node.op].bfloat16;
