// Variables that are only read become constants: the weights can then be mapped, shared by all sessions, and known to
// TensorFlow's optimizer. A variable goes into functions as a resource; what takes it there takes the value instead.
import { AppError } from '../../errors/app-error.js';
import type { AttributeValue, FunctionDef, NodeDef } from '../saved-model/protos.js';
import { readInteger, readType } from './attributes.js';
import {
  retypeCall,
  withoutResourceFacts,
  type ArgumentTypes,
  type CalledFunction,
} from './function-calls.js';
import { argumentNames, retypeSignature } from './function-def.js';
import { FREEZE_IT, isControl } from './graph-model.js';
import type { Reached } from './reach.js';

const RESOURCE_VARIABLE = 'VarHandleOp';
/** TensorFlow 1: their output is the value itself, by reference. */
const REFERENCE_VARIABLES = new Set(['Variable', 'VariableV2']);

export const isVariable = ({ op }: NodeDef): boolean =>
  op === RESOURCE_VARIABLE || REFERENCE_VARIABLES.has(op);

/** The nodes of variables themselves stay: who writes the graph puts the values there. */
export function freeze({ nodes, functions }: Reached, what: string): Reached {
  const resources = nodes.filter(({ op }) => op === RESOURCE_VARIABLE);
  const values = new Map(resources.map((node) => [node.name, readType(node.attributes['dtype'], what) ?? 0]));
  const library = new Library(functions, what);
  const main = library.freezeBody(nodes, values);
  return { nodes: main.nodes, functions: functions.map((definition) => library.frozen(definition)) };
}

/** Operations whose outputs are their first input, and how many outputs; Switch and Enter are TensorFlow 1's branches and loops. */
const HANDING_ON: ReadonlyMap<string, number> = new Map([
  ['Identity', 1],
  ['Switch', 2],
  ['Enter', 1],
]);

/** Types of what were resources and are values now, by the name of the tensor without `:0`. */
type Values = Map<string, number>;

class Library {
  readonly #functions: ReadonlyMap<string, FunctionDef>;
  readonly #frozen = new Map<string, { readonly types: string; readonly definition: FunctionDef }>();

  constructor(
    functions: readonly FunctionDef[],
    private readonly what: string,
  ) {
    this.#functions = new Map(functions.map((definition) => [definition.name, definition]));
  }

  frozen(definition: FunctionDef): FunctionDef {
    return this.#frozen.get(definition.name)?.definition ?? definition;
  }

  /** `renamed`: outputs that have another name now; only functions name outputs. */
  freezeBody(
    nodes: readonly NodeDef[],
    values: Values,
  ): { nodes: readonly NodeDef[]; renamed: ReadonlyMap<string, string> } {
    this.#follow(nodes, values);
    const renamed = new Map<string, string>();
    const frozen = nodes.map((node) => {
      const types = typesAt(node, values);
      const result = types.size === 0 ? node : this.#node(node, types);
      if (result.op !== node.op) renamed.set(`${node.name}:value:0`, `${node.name}:output:0`);
      return result;
    });
    return {
      nodes: frozen.map((node) => ({
        ...node,
        inputs: node.inputs.map((input) => renamed.get(input) ?? input),
      })),
      renamed,
    };
  }

  /** Resources that are handed on are values too; nodes may stand before those that they use. */
  #follow(nodes: readonly NodeDef[], values: Values): void {
    for (let before = -1; before < values.size;) {
      before = values.size;
      for (const node of nodes) {
        const types = typesAt(node, values);
        if (types.size === 0) continue;
        this.#handedOn(node, types)?.forEach((type, at) => {
          values.set(at === 0 ? node.name : `${node.name}:${at}`, type);
          values.set(at === 0 ? `${node.name}:output` : `${node.name}:output:${at}`, type);
        });
      }
    }
  }

  #handedOn(node: NodeDef, types: ArgumentTypes): ArgumentTypes | undefined {
    const outputs = HANDING_ON.get(node.op);
    const type = types.get(0);
    if (outputs === undefined || type === undefined) return this.#retyped(node, types)?.outputs;
    return new Map(Array.from({ length: outputs }, (_, at) => [at, type]));
  }

  #node(node: NodeDef, types: ArgumentTypes): NodeDef {
    const T: AttributeValue = { kind: 'type', value: types.get(0) ?? 0 };
    const { name, inputs, attributes } = node;
    if (node.op === 'ReadVariableOp') return { name, op: 'Identity', inputs, attributes: { T } };
    if (HANDING_ON.has(node.op)) return { ...node, attributes: { ...withoutResourceFacts(attributes), T } };
    if (node.op === 'VariableShape')
      return { ...node, op: 'Shape', attributes: { ...withoutResourceFacts(attributes), T } };
    if (node.op === 'ResourceGather' && !readInteger(attributes['batch_dims'], this.what)) {
      const { Tindices } = attributes;
      return {
        name,
        op: 'Gather',
        inputs,
        attributes: { Tparams: T, ...(Tindices === undefined ? {} : { Tindices }) },
      };
    }
    const call = this.#retyped(node, types);
    if (call === undefined)
      throw this.#refusal(`the node "${name}" (${node.op}) uses a variable in a way that is not read here`);
    call.called.forEach((called) => this.#function(called));
    return call.node;
  }

  #retyped(node: NodeDef, types: ArgumentTypes) {
    return retypeCall(node, types, (name) => this.#functions.has(name), this.what);
  }

  #function({ name, inputs, outputs }: CalledFunction): void {
    const definition = this.#functions.get(name);
    if (definition === undefined) throw this.#refusal(`the function ${name} is called, but is not there`);
    const types = JSON.stringify([[...inputs], [...outputs]]);
    const known = this.#frozen.get(name);
    if (known?.types === types) return;
    if (known !== undefined)
      throw this.#refusal(`the function ${name} is called with a variable here, without one there`);
    const names = argumentNames(definition);
    const body = this.freezeBody(
      definition.nodes,
      new Map([...inputs].map(([at, type]) => [names[at] ?? '', type])),
    );
    const returns = definition.returns.map(
      ([key, tensor]) => [key, body.renamed.get(tensor) ?? tensor] as const,
    );
    const signature = retypeSignature(definition, inputs, outputs);
    this.#frozen.set(name, { types, definition: { ...definition, signature, nodes: body.nodes, returns } });
  }

  #refusal(why: string): AppError {
    return new AppError('checkpoint_unsupported', `${this.what}: ${why}`, { remedy: FREEZE_IT });
  }
}

/** Types of a node's inputs that are values now, by the number of the input. */
const typesAt = ({ inputs }: NodeDef, values: Values): ArgumentTypes =>
  new Map(
    inputs.flatMap((input, at) => {
      const type = isControl(input) ? undefined : values.get(input.replace(/:0$/, ''));
      return type === undefined ? [] : [[at, type] as const];
    }),
  );
