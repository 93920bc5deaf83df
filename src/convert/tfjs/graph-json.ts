// A graph as protocol buffers are written in JSON, and back into their bytes: 64-bit numbers are texts, bytes base64.
import { PbfWriter } from 'pbf';
import { AppError } from '../../errors/app-error.js';
import { isObject, type JsonObject } from '../keras/config-reader.js';
import type { AttributeValue, FunctionDef, NodeDef } from '../saved-model/protos.js';
import { dataTypeNumber } from '../tensorflow/data-types.js';
import { isPlacement, MAX_NODES, refuseTwins, type GraphDef } from '../tensorflow/graph-def.js';

/** Functions in attributes of functions. */
const MAX_DEPTH = 8;

export class GraphJson {
  constructor(private readonly what: string) {}

  /** GraphDef: { node, library, versions } */
  graph(topology: JsonObject): GraphDef {
    const library = objectIn(topology, 'library');
    const nodes = this.#nodes(topology['node']);
    const functions = listIn(library, 'function').map((item) => this.#function(item));
    refuseTwins(nodes, this.what);
    refuseTwins(functions, this.what);
    const { producer } = objectIn(topology, 'versions');
    return {
      nodes,
      functions,
      versions: Number(producer) > 0 ? encode((pbf) => pbf.writeVarintField(1, Number(producer))) : undefined,
    };
  }

  #nodes(list: unknown): NodeDef[] {
    if (!Array.isArray(list)) return this.#malformed('there are no nodes');
    if (list.length > MAX_NODES)
      throw new AppError('model_too_large', `${this.what} has ${list.length} nodes`);
    return list.map((item: unknown) => this.#node(item));
  }

  #node(item: unknown): NodeDef {
    const { name, op, input = [], attr } = isObject(item) ? item : {};
    if (typeof name !== 'string' || typeof op !== 'string')
      return this.#malformed('a node has no name or no operation');
    if (!Array.isArray(input) || !input.every((tensor) => typeof tensor === 'string'))
      return this.#malformed(`inputs of "${name}"`);
    const attributes = Object.entries(isObject(attr) ? attr : {})
      .filter(([key]) => !isPlacement(key))
      .map(([key, value]): [string, AttributeValue] => [
        key,
        { kind: 'encoded', value: encode((pbf) => this.#attribute(value, pbf, 0)) },
      ]);
    return { name, op, inputs: input, attributes: Object.fromEntries(attributes) };
  }

  /** FunctionDef: { signature: { name, inputArg, outputArg }, nodeDef, ret } */
  #function(item: unknown): FunctionDef {
    const definition = isObject(item) ? item : {};
    const signature = objectIn(definition, 'signature');
    const name = textOf(signature['name']);
    const nodes = this.#nodes(definition['nodeDef'] ?? []);
    refuseTwins(nodes, `${this.what}, function ${name}`);
    return {
      name,
      nodes,
      signature: encode((pbf) => {
        pbf.writeStringField(1, name);
        for (const argument of listIn(signature, 'inputArg')) pbf.writeMessage(2, writeArgument, argument);
        for (const argument of listIn(signature, 'outputArg')) pbf.writeMessage(3, writeArgument, argument);
      }),
      returns: Object.entries(objectIn(definition, 'ret')).map(([key, tensor]) => [key, textOf(tensor)]),
      rest: [],
    };
  }

  /** AttrValue; whichever of its kinds is there. */
  #attribute(value: unknown, pbf: PbfWriter, depth: number): void {
    if (!isObject(value) || depth > MAX_DEPTH) return this.#malformed('an attribute cannot be read');
    for (const [kind, content] of Object.entries(value)) {
      if (kind === 'list')
        pbf.writeMessage(
          1,
          (list: JsonObject, inner) => this.#list(list, inner, depth + 1),
          isObject(content) ? content : {},
        );
      else this.#value(kind, content, pbf, depth);
    }
  }

  /** A function has one number in AttrValue and another in its ListValue; the other kinds have the same in both. */
  #value(kind: string, content: unknown, pbf: PbfWriter, depth: number, functions = 10): void {
    const write = Object.hasOwn(VALUES, kind) ? VALUES[kind] : undefined;
    if (write !== undefined) write(content, pbf);
    else if (kind === 'func')
      pbf.writeMessage(
        functions,
        (called: unknown, inner) => this.#called(called, inner, depth + 1),
        content,
      );
    else this.#malformed(`an attribute is of the kind ${kind}`);
  }

  #list(list: JsonObject, pbf: PbfWriter, depth: number): void {
    for (const [kind, items] of Object.entries(list)) {
      if (!Array.isArray(items)) return this.#malformed('an attribute cannot be read');
      for (const item of items) this.#value(kind, item, pbf, depth, 9);
    }
  }

  /** NameAttrList */
  #called(called: unknown, pbf: PbfWriter, depth: number): void {
    const { name, attr } = isObject(called) ? called : {};
    pbf.writeStringField(1, textOf(name));
    for (const [key, value] of Object.entries(isObject(attr) ? attr : {})) {
      pbf.writeMessage(
        2,
        (_: undefined, entry) => {
          entry.writeStringField(1, key);
          entry.writeMessage(2, (inner: unknown, writer) => this.#attribute(inner, writer, depth), value);
        },
        undefined,
      );
    }
  }

  #malformed(why: string): never {
    throw new AppError('checkpoint_damaged', `${this.what}: the graph: ${why}`);
  }
}

function encode(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

const objectIn = (from: JsonObject, key: string): JsonObject => (isObject(from[key]) ? from[key] : {});
const listIn = (from: JsonObject, key: string): readonly unknown[] =>
  Array.isArray(from[key]) ? from[key] : [];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Base64; older converters wrote a list of codes. */
const bytesOf = (content: unknown): Uint8Array =>
  Array.isArray(content) ? Uint8Array.from(content.map(Number)) : Buffer.from(textOf(content), 'base64');

/** TensorShapeProto: { dim: [{ size: "-1" }], unknownRank } */
function writeShape(shape: unknown, pbf: PbfWriter): void {
  const { dim, unknownRank } = isObject(shape) ? shape : {};
  for (const axis of Array.isArray(dim) ? dim : []) {
    pbf.writeMessage(
      2,
      (size: number, inner) => inner.writeVarintField(1, size),
      Number(isObject(axis) ? (axis['size'] ?? 0) : 0),
    );
  }
  if (unknownRank === true) pbf.writeBooleanField(3, true);
}

/** TensorProto without its values: those are in the files of weights. */
function writeTensor(tensor: unknown, pbf: PbfWriter): void {
  const { dtype, tensorShape } = isObject(tensor) ? tensor : {};
  pbf.writeVarintField(1, dataTypeNumber(dtype));
  pbf.writeMessage(2, writeShape, tensorShape);
}

/** ArgDef */
function writeArgument(argument: unknown, pbf: PbfWriter): void {
  const { name, type, typeAttr, numberAttr, typeListAttr } = isObject(argument) ? argument : {};
  pbf.writeStringField(1, textOf(name));
  if (type !== undefined) pbf.writeVarintField(3, dataTypeNumber(type));
  if (typeof typeAttr === 'string') pbf.writeStringField(4, typeAttr);
  if (typeof numberAttr === 'string') pbf.writeStringField(5, numberAttr);
  if (typeof typeListAttr === 'string') pbf.writeStringField(6, typeListAttr);
}

/** The kinds of attributes (attr_value.proto). */
const VALUES: Readonly<Record<string, (content: unknown, pbf: PbfWriter) => void>> = {
  s: (content, pbf) => pbf.writeBytesField(2, bytesOf(content)),
  i: (content, pbf) => pbf.writeVarintField(3, Number(content)),
  f: (content, pbf) => pbf.writeFloatField(4, Number(content)),
  b: (content, pbf) => pbf.writeBooleanField(5, content === true),
  type: (content, pbf) => pbf.writeVarintField(6, dataTypeNumber(content)),
  shape: (content, pbf) => pbf.writeMessage(7, writeShape, content),
  tensor: (content, pbf) => pbf.writeMessage(8, writeTensor, content),
};

export const shapeFromJson = (shape: unknown): readonly (number | null)[] | undefined => {
  if (!isObject(shape) || shape['unknownRank'] === true) return undefined;
  return listIn(shape, 'dim').map((axis) => {
    const size = Number(isObject(axis) ? (axis['size'] ?? 0) : 0);
    return size >= 0 ? size : null;
  });
};
