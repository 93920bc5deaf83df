// GraphDef and its functions (graph.proto, node_def.proto, function.proto): nodes are taken apart as far as editing
// needs it; attributes and all else are kept as the bytes that they came as.
import { AppError } from '../../errors/app-error.js';
import type { AttributeValue, FunctionDef, NodeDef } from '../saved-model/protos.js';
import { readMapEntry } from './attributes.js';
import { lastField, readFields, type Field } from './wire.js';

export interface GraphDef {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  /** VersionDef as it came: what the operations are understood as. */
  readonly versions: Uint8Array | undefined;
}

/** Unrolled recurrent networks have tens of thousands. */
export const MAX_NODES = 500_000;

/**
 * Where a node was computed when it was trained, and with which compiler: nothing that holds here. A device that does
 * not exist would be an error, XLA would compile anew for each size of batch.
 */
const PLACEMENT: ReadonlySet<string> = new Set([
  '_class',
  '_XlaMustCompile',
  '_XlaCompile',
  '_XlaScope',
  '_XlaInternalScope',
]);

export const isPlacement = (attribute: string): boolean => PLACEMENT.has(attribute);

export function readGraphDef(message: Uint8Array, what: string): GraphDef {
  const nodes: NodeDef[] = [];
  const functions: FunctionDef[] = [];
  let versions: Uint8Array | undefined;
  let left = MAX_NODES;
  const take = (field: Field, into: NodeDef[]): void => {
    if (--left < 0)
      throw new AppError('model_too_large', `${what} has more than ${MAX_NODES.toLocaleString('en')} nodes`);
    into.push(readNodeDef(field.bytes(), what));
  };
  readFields(message, what, (field) => {
    if (field.number === 1) take(field, nodes);
    if (field.number === 4) versions = field.bytes();
    if (field.number !== 2) return;
    readFields(field.bytes(), what, (item) => {
      if (item.number === 1) functions.push(readFunctionDef(item.bytes(), what, take));
    });
  });
  refuseTwins(nodes, what);
  refuseTwins(functions, what);
  return { nodes, functions, versions };
}

function readNodeDef(message: Uint8Array, what: string): NodeDef {
  let name = '';
  let op = '';
  const inputs: string[] = [];
  const attributes: [string, AttributeValue][] = [];
  readFields(message, what, (field) => {
    if (field.number === 1) name = field.text();
    if (field.number === 2) op = field.text();
    if (field.number === 3) inputs.push(field.text());
    if (field.number !== 5) return;
    const { key, value } = readMapEntry(field.bytes(), what);
    if (!isPlacement(key)) attributes.push([key, { kind: 'encoded', value }]);
  });
  if (name === '' || op === '')
    throw new AppError('checkpoint_damaged', `${what}: a node has no name or no operation`);
  return { name, op, inputs, attributes: Object.fromEntries(attributes) };
}

function readFunctionDef(
  message: Uint8Array,
  what: string,
  take: (field: Field, into: NodeDef[]) => void,
): FunctionDef {
  let signature: Uint8Array = new Uint8Array();
  const nodes: NodeDef[] = [];
  const returns: (readonly [string, string])[] = [];
  const rest: Uint8Array[] = [];
  readFields(message, what, (field) => {
    if (field.number === 1) signature = field.bytes();
    else if (field.number === 3) take(field, nodes);
    else if (field.number === 4) {
      const { key, value } = readMapEntry(field.bytes(), what);
      returns.push([key, Buffer.from(value).toString('utf8')]);
    } else if (!isDropped(field, what)) rest.push(field.encoded);
  });
  const name = lastField(signature, 1, what)?.text() ?? '';
  refuseTwins(nodes, `${what}, function ${name}`);
  return { name, nodes, signature, returns, rest };
}

const isDropped = (field: Field, what: string): boolean =>
  field.number === RESOURCE_ARGUMENTS ||
  (field.number === 5 && isPlacement(readMapEntry(field.bytes(), what).key));

/** resource_arg_unique_id: freezing leaves no resources among the arguments. */
const RESOURCE_ARGUMENTS = 8;

/** With two of a name, what is checked might not be what runs. */
export function refuseTwins(named: readonly { readonly name: string }[], what: string): void {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) throw new AppError('checkpoint_damaged', `${what}: "${name}" is there twice`);
    seen.add(name);
  }
}
