// The parts of TensorFlow's protocol buffers that a SavedModel needs, field numbers as in tensorflow/core/framework/*.proto.
import { PbfWriter } from 'pbf';
import type { Attribute, Dtype, Shape } from '../graph/node.js';

/** types.proto */
export const DATA_TYPES: Readonly<Record<Dtype, number>> = {
  float32: 1,
  int32: 3,
  uint8: 4,
  bool: 10,
  bfloat16: 14,
};

/** Ours by name; those that only graphs by others have, as types.proto numbers them. */
export type DataType = Dtype | number;

export type AttributeValue =
  | Attribute
  | { readonly kind: 'type'; readonly value: DataType }
  | { readonly kind: 'shape'; readonly value: Shape }
  | { readonly kind: 'tensor'; readonly value: TensorValue }
  /** An AttrValue as another program wrote it. */
  | { readonly kind: 'encoded'; readonly value: Uint8Array };

const dataTypeNumber = (type: DataType): number => (typeof type === 'number' ? type : DATA_TYPES[type]);

export interface TensorValue {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A function of a graph by another program. */
export interface FunctionDef {
  readonly name: string;
  readonly nodes: readonly NodeDef[];
  /** OpDef, as it was written. */
  readonly signature: Uint8Array;
  /** The tensors that it gives back, by the names that the signature has for them. */
  readonly returns: readonly (readonly [string, string])[];
  /** The other fields, each as it was written. */
  readonly rest: readonly Uint8Array[];
}

export interface TensorInfo {
  /** Name of the tensor, with the number of the output: `y:0`. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
}

export interface SavedModelDef {
  readonly nodes: readonly NodeDef[];
  readonly functions?: readonly FunctionDef[];
  /** VersionDef, for nodes by another program: what its operations are understood as. */
  readonly versions?: Uint8Array;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
}

/** What the graph's operations are understood as: TensorFlow 2.9, so that this and every later version reads it. */
const PRODUCER = 1087;
const MIN_CONSUMER = 12;

export function encodeSavedModel(model: SavedModelDef): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 1); // saved_model_schema_version
  pbf.writeMessage(2, writeMetaGraph, model);
  return pbf.finish();
}

function writeMetaGraph(model: SavedModelDef, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeMetaInfo, 'serve');
  pbf.writeMessage(2, writeGraph, model);
  writeMapEntry(pbf, 5, 'serving_default', writeSignature, model);
}

function writeMetaInfo(tag: string, pbf: PbfWriter): void {
  pbf.writeStringField(4, tag);
  pbf.writeStringField(5, '2.9.0'); // tensorflow_version
}

function writeGraph({ nodes, functions = [], versions }: SavedModelDef, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  if (functions.length > 0) pbf.writeMessage(2, writeLibrary, functions);
  if (versions === undefined) pbf.writeMessage(4, writeVersions, undefined);
  else pbf.writeBytesField(4, versions);
}

function writeLibrary(functions: readonly FunctionDef[], pbf: PbfWriter): void {
  for (const definition of functions) pbf.writeMessage(1, writeFunction, definition);
}

function writeFunction({ nodes, signature, returns, rest }: FunctionDef, pbf: PbfWriter): void {
  pbf.writeBytesField(1, signature);
  for (const field of rest) writeEncoded(field, pbf);
  for (const node of nodes) pbf.writeMessage(3, writeNode, node);
  for (const [name, tensor] of returns) pbf.writeMessage(4, writeReturn, { name, tensor });
}

function writeReturn({ name, tensor }: { name: string; tensor: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeStringField(2, tensor);
}

function writeVersions(_: undefined, pbf: PbfWriter): void {
  pbf.writeVarintField(1, PRODUCER);
  pbf.writeVarintField(2, MIN_CONSUMER);
}

function writeNode(node: NodeDef, pbf: PbfWriter): void {
  pbf.writeStringField(1, node.name);
  pbf.writeStringField(2, node.op);
  for (const input of node.inputs) pbf.writeStringField(3, input);
  for (const [name, value] of Object.entries(node.attributes))
    writeMapEntry(pbf, 5, name, writeAttribute, value);
}

function writeAttribute(attribute: AttributeValue, pbf: PbfWriter): void {
  switch (attribute.kind) {
    case 'ints':
      pbf.writeMessage(1, writeIntList, attribute.value);
      return;
    case 'string':
      pbf.writeStringField(2, attribute.value);
      return;
    case 'int':
      pbf.writeVarintField(3, attribute.value);
      return;
    case 'float':
      pbf.writeFloatField(4, attribute.value);
      return;
    case 'bool':
      pbf.writeBooleanField(5, attribute.value);
      return;
    case 'type':
      pbf.writeVarintField(6, dataTypeNumber(attribute.value));
      return;
    case 'shape':
      pbf.writeMessage(7, writeShape, attribute.value);
      return;
    case 'tensor':
      pbf.writeMessage(8, writeTensor, attribute.value);
      return;
    case 'encoded':
      writeEncoded(attribute.value, pbf);
  }
}

/** Fields that are encoded already. */
export function writeEncoded(fields: Uint8Array, pbf: PbfWriter): void {
  pbf.realloc(fields.length);
  pbf.buf.set(fields, pbf.pos);
  pbf.pos += fields.length;
}

function writeIntList(values: readonly number[], pbf: PbfWriter): void {
  pbf.writePackedVarint(3, [...values]);
}

function writeTensor(tensor: TensorValue, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dataTypeNumber(tensor.dtype));
  pbf.writeMessage(2, writeShape, tensor.shape);
  pbf.writeBytesField(4, tensor.bytes);
}

function writeShape(shape: Shape, pbf: PbfWriter): void {
  for (const size of shape) pbf.writeMessage(2, writeDimension, size ?? -1);
}

function writeDimension(size: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, size);
}

function writeSignature(model: SavedModelDef, pbf: PbfWriter): void {
  for (const [key, info] of Object.entries(model.inputs)) writeMapEntry(pbf, 1, key, writeTensorInfo, info);
  for (const [key, info] of Object.entries(model.outputs)) writeMapEntry(pbf, 2, key, writeTensorInfo, info);
  pbf.writeStringField(3, 'tensorflow/serving/predict');
}

function writeTensorInfo(info: TensorInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, info.name);
  pbf.writeVarintField(2, DATA_TYPES[info.dtype]);
  pbf.writeMessage(3, writeShape, info.shape);
}

/** A map entry is a message of its key (1) and its value (2). */
function writeMapEntry<T>(
  pbf: PbfWriter,
  field: number,
  key: string,
  write: (value: T, pbf: PbfWriter) => void,
  value: T,
): void {
  pbf.writeMessage(
    field,
    (_: undefined, entry: PbfWriter) => {
      entry.writeStringField(1, key);
      entry.writeMessage(2, write, value);
    },
    undefined,
  );
}
