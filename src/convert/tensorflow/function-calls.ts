// How operations call functions: which of their inputs are the arguments, and where the arguments' types are listed.
import { PbfWriter } from 'pbf';
import type { AttributeValue, NodeDef } from '../saved-model/protos.js';
import { functionsIn, readTypes } from './attributes.js';

interface CallingOp {
  readonly functions: readonly string[];
  readonly firstArgument: number;
  /** The attribute that lists the arguments' types. */
  readonly types: string;
  /** The function that gives back what it takes, as the node does itself. */
  readonly loop?: string;
}

const call: CallingOp = { functions: ['f'], firstArgument: 0, types: 'Tin' };
const branch: CallingOp = { functions: ['then_branch', 'else_branch'], firstArgument: 1, types: 'Tin' };
const cases: CallingOp = { functions: ['branches'], firstArgument: 1, types: 'Tin' };
const loop: CallingOp = { functions: ['cond', 'body'], firstArgument: 0, types: 'T', loop: 'body' };

const CALLING: Readonly<Record<string, CallingOp>> = {
  PartitionedCall: call,
  StatefulPartitionedCall: call,
  If: branch,
  StatelessIf: branch,
  Case: cases,
  StatelessCase: cases,
  While: loop,
  StatelessWhile: loop,
};

/** Types by the number of the argument. */
export type ArgumentTypes = ReadonlyMap<number, number>;

export interface CalledFunction {
  readonly name: string;
  readonly inputs: ArgumentTypes;
  readonly outputs: ArgumentTypes;
}

export interface RetypedCall {
  readonly node: NodeDef;
  readonly called: readonly CalledFunction[];
  /** Outputs of the node whose types have changed with the inputs'. */
  readonly outputs: ArgumentTypes;
}

/** The same call with other types at some inputs; undefined where the operation is no call. */
export function retypeCall(
  node: NodeDef,
  types: ArgumentTypes,
  isFunction: (name: string) => boolean,
  what: string,
): RetypedCall | undefined {
  // TensorFlow 1 calls a function by making its name the operation.
  if (isFunction(node.op))
    return { node, called: [{ name: node.op, inputs: types, outputs: new Map() }], outputs: new Map() };
  const op = Object.hasOwn(CALLING, node.op) ? CALLING[node.op] : undefined;
  if (op === undefined || types.has(op.firstArgument - 1)) return undefined;
  const inputs = new Map([...types].map(([at, type]) => [at - op.firstArgument, type]));
  const outputs: ArgumentTypes = op.loop === undefined ? new Map<number, number>() : inputs;
  const called = op.functions.flatMap((key) =>
    functionsIn(node.attributes[key], what).map((name) => ({
      name,
      inputs,
      outputs: key === op.loop ? outputs : new Map<number, number>(),
    })),
  );
  const attributes = withoutResourceFacts(node.attributes);
  const listed = readTypes(attributes[op.types], what).map((type, at) => inputs.get(at) ?? type);
  return { node: { ...node, attributes: { ...attributes, [op.types]: typeList(listed) } }, called, outputs };
}

/** What is written of a node because it works on resources: they have no shape, their values do. */
const RESOURCE_FACTS = new Set(['_read_only_resource_inputs', '_output_shapes', 'output_shapes']);

export const withoutResourceFacts = (attributes: NodeDef['attributes']): NodeDef['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => !RESOURCE_FACTS.has(key)));

const typeList = (types: readonly number[]): AttributeValue => {
  const pbf = new PbfWriter();
  pbf.writeMessage(1, (_: undefined, list: PbfWriter) => list.writePackedVarint(6, [...types]), undefined);
  return { kind: 'encoded', value: pbf.finish() };
};
