// Every number type that weights are stored in, as float32. HDF5 hands them over in the byte order of this machine.
import { AppError } from '../../errors/app-error.js';
import { fromBfloat16Bits } from '../graph/bfloat16.js';

/** What HDF5 says of a dataset's type, in h5wasm's words. */
export interface NumberType {
  /** H5T_class_t: 0 integers, 1 floats, 5 opaque bytes, 8 enumerations (h5py's booleans). */
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
}

const INTEGER = 0;
const FLOAT = 1;
const OPAQUE = 5;
const ENUM = 8;

type Convert = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

interface Kind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, offset: number, length: number): T;
}

const valuesOf = <T>({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>, kind: Kind<T>): T =>
  new kind(buffer, byteOffset, byteLength / kind.BYTES_PER_ELEMENT);

const integers: Readonly<Record<string, Convert>> = {
  i1: (bytes) => Float32Array.from(valuesOf(bytes, Int8Array)),
  u1: (bytes) => Float32Array.from(valuesOf(bytes, Uint8Array)),
  i2: (bytes) => Float32Array.from(valuesOf(bytes, Int16Array)),
  u2: (bytes) => Float32Array.from(valuesOf(bytes, Uint16Array)),
  i4: (bytes) => Float32Array.from(valuesOf(bytes, Int32Array)),
  u4: (bytes) => Float32Array.from(valuesOf(bytes, Uint32Array)),
  i8: (bytes) => Float32Array.from(valuesOf(bytes, BigInt64Array), Number),
  u8: (bytes) => Float32Array.from(valuesOf(bytes, BigUint64Array), Number),
};

const floats: Readonly<Record<number, Convert>> = {
  2: (bytes) => Float32Array.from(valuesOf(bytes, Uint16Array), halfToFloat),
  4: (bytes) => valuesOf(bytes, Float32Array),
  8: (bytes) => Float32Array.from(valuesOf(bytes, Float64Array)),
};

/** The way to read a dataset; `where` names it should there be none. `marked` reads Keras's attribute `dtype`. */
export function float32Reader(type: NumberType, marked: () => string | undefined, where: string): Convert {
  // HDF5 has no bfloat16: Keras stores two opaque bytes (older versions uint16) and says so in an attribute.
  const isBfloat16 = type.size === 2 && (type.type === OPAQUE || marked() === 'bfloat16');
  if (isBfloat16) return (bytes) => fromBfloat16Bits(valuesOf(bytes, Uint16Array));
  const convert =
    type.type === FLOAT
      ? floats[type.size]
      : type.type === INTEGER || type.type === ENUM
        ? integers[`${type.signed ? 'i' : 'u'}${type.size}`]
        : undefined;
  if (convert !== undefined) return convert;
  throw new AppError(
    'checkpoint_damaged',
    `${where} does not hold numbers that are known (HDF5 type ${type.type}, ${type.size} bytes)`,
  );
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 25) * (0x400 + fraction);
}
