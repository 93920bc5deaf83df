// Attributes of nodes as they came, and the few of them that are looked into (attr_value.proto, tensor.proto).
import { AppError } from '../../errors/app-error.js';
import type { Shape } from '../graph/node.js';
import type { AttributeValue } from '../saved-model/protos.js';
import { allFields, lastField, readFields } from './wire.js';

/** Functions in the attributes of functions in attributes: real ones go one deep. */
const MAX_DEPTH = 8;

export interface TensorProto {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** The values in memory order; absent where they are listed one by one, as small ones may be. */
  readonly content: Uint8Array | undefined;
}

const encoded = (attribute: AttributeValue | undefined): Uint8Array =>
  attribute?.kind === 'encoded' ? attribute.value : new Uint8Array();

const list = (attribute: AttributeValue | undefined, what: string): Uint8Array =>
  lastField(encoded(attribute), 1, what)?.bytes() ?? new Uint8Array();

export const readType = (attribute: AttributeValue | undefined, what: string): number | undefined =>
  lastField(encoded(attribute), 6, what)?.integer();

export const readInteger = (attribute: AttributeValue | undefined, what: string): number | undefined =>
  lastField(encoded(attribute), 3, what)?.integer();

/** Undefined: there is no shape, or its rank is unknown. */
export function readShape(attribute: AttributeValue | undefined, what: string): Shape | undefined {
  const shape = lastField(encoded(attribute), 7, what);
  return shape === undefined ? undefined : readShapeProto(shape.bytes(), what);
}

export function readTensor(attribute: AttributeValue | undefined, what: string): TensorProto | undefined {
  const tensor = lastField(encoded(attribute), 8, what);
  return tensor === undefined ? undefined : readTensorProto(tensor.bytes(), what);
}

export const readStrings = (attribute: AttributeValue | undefined, what: string): readonly string[] =>
  allFields(list(attribute, what), 2, what).map((field) => field.text());

/** A list of types may be packed, or not. */
export const readTypes = (attribute: AttributeValue | undefined, what: string): readonly number[] =>
  allFields(list(attribute, what), 6, what).flatMap((field) => field.integers());

export const readShapes = (
  attribute: AttributeValue | undefined,
  what: string,
): readonly (Shape | undefined)[] =>
  allFields(list(attribute, what), 7, what).map((field) => readShapeProto(field.bytes(), what));

/** Names of the functions that an attribute calls, however deep. */
export function functionsIn(attribute: AttributeValue | undefined, what: string): readonly string[] {
  const names: string[] = [];
  const visitValue = (value: Uint8Array, depth: number): void => {
    if (depth > MAX_DEPTH) {
      throw new AppError('checkpoint_damaged', `${what}: attributes are nested more than ${MAX_DEPTH} deep`);
    }
    readFields(value, what, (field) => {
      if (field.number === 10) visitFunction(field.bytes(), depth);
      if (field.number === 1)
        allFields(field.bytes(), 9, what).forEach((item) => visitFunction(item.bytes(), depth));
    });
  };
  const visitFunction = (message: Uint8Array, depth: number): void => {
    readFields(message, what, (field) => {
      if (field.number === 1) names.push(field.text());
      if (field.number === 2) visitValue(readMapEntry(field.bytes(), what).value, depth + 1);
    });
  };
  visitValue(encoded(attribute), 0);
  return names;
}

/** A map entry is a message of its key (1) and its value (2). */
export const readMapEntry = (
  entry: Uint8Array,
  what: string,
): { readonly key: string; readonly value: Uint8Array } => ({
  key: lastField(entry, 1, what)?.text() ?? '',
  value: lastField(entry, 2, what)?.bytes() ?? new Uint8Array(),
});

/** TensorFlow's own limit (TensorShape::MaxDimensions). */
const MAX_AXES = 254;

/** tensor_shape.proto; undefined where the rank is unknown. */
export function readShapeProto(message: Uint8Array, what: string): Shape | undefined {
  if (lastField(message, 3, what)?.integer()) return undefined;
  const axes = allFields(message, 2, what);
  if (axes.length > MAX_AXES)
    throw new AppError('checkpoint_damaged', `${what}: a shape has ${axes.length} axes`);
  return axes.map((axis) => {
    const size = lastField(axis.bytes(), 1, what)?.integer() ?? 0;
    return size < 0 ? null : size;
  });
}

/** The values of a tensor of texts. */
export function readStringTensor(attribute: AttributeValue | undefined, what: string): readonly string[] {
  const tensor = lastField(encoded(attribute), 8, what);
  return tensor === undefined ? [] : allFields(tensor.bytes(), 8, what).map((field) => field.text());
}

export const readTensorProto = (message: Uint8Array, what: string): TensorProto => ({
  dtype: lastField(message, 1, what)?.integer() ?? 0,
  shape: (readShapeProto(lastField(message, 2, what)?.bytes() ?? new Uint8Array(), what) ?? []).map(Number),
  content: lastField(message, 4, what)?.bytes(),
});
