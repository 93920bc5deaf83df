// TensorFlow's types by their numbers (tensorflow/core/framework/types.proto).
import { AppError } from '../../errors/app-error.js';

interface DataType {
  readonly name: string;
  /** Zero: values have no size of their own. */
  readonly bytes: number;
}

const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'float32', bytes: 4 },
  2: { name: 'float64', bytes: 8 },
  3: { name: 'int32', bytes: 4 },
  4: { name: 'uint8', bytes: 1 },
  5: { name: 'int16', bytes: 2 },
  6: { name: 'int8', bytes: 1 },
  7: { name: 'string', bytes: 0 },
  8: { name: 'complex64', bytes: 8 },
  9: { name: 'int64', bytes: 8 },
  10: { name: 'bool', bytes: 1 },
  14: { name: 'bfloat16', bytes: 2 },
  17: { name: 'uint16', bytes: 2 },
  19: { name: 'float16', bytes: 2 },
  20: { name: 'resource', bytes: 0 },
  22: { name: 'uint32', bytes: 4 },
  23: { name: 'uint64', bytes: 8 },
};

export const FLOAT32 = 1;
export const RESOURCE = 20;

export const dataTypeName = (code: number): string => DATA_TYPES[code]?.name ?? `type ${code}`;

/** How JSON names them. */
const JSON_NAMES: Readonly<Record<string, number>> = {
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT16: 5,
  DT_INT8: 6,
  DT_STRING: 7,
  DT_COMPLEX64: 8,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_BFLOAT16: 14,
  DT_UINT16: 17,
  DT_HALF: 19,
  DT_RESOURCE: 20,
  DT_VARIANT: 21,
  DT_UINT32: 22,
  DT_UINT64: 23,
};

/** Zero, which is no type, where there is none of that name. */
export const dataTypeNumber = (name: unknown): number =>
  typeof name === 'number'
    ? name
    : typeof name === 'string' && Object.hasOwn(JSON_NAMES, name)
      ? (JSON_NAMES[name] ?? 0)
      : 0;

export function bytesPerValue(code: number, what: string): number {
  const bytes = DATA_TYPES[code]?.bytes ?? 0;
  if (bytes === 0)
    throw new AppError('checkpoint_unsupported', `${what} holds values of ${dataTypeName(code)}`);
  return bytes;
}

const FLOATS = new Set(['float16', 'bfloat16', 'float32', 'float64']);

export const isFloat = (code: number): boolean => FLOATS.has(dataTypeName(code));
export const isNumber = (code: number): boolean => (DATA_TYPES[code]?.bytes ?? 0) > 0;
