// Weights as tfjs stores them, as numbers again (tfjs-core/src/io/io_utils.ts, decodeWeights).
import type { Quantisation } from './model-json.js';

export type WeightDtype = 'float32' | 'int32' | 'bool' | 'complex64';

export const BYTES_PER_VALUE: Readonly<Record<WeightDtype | Quantisation['dtype'], number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** The bytes of values in `dtype`. */
export function dequantise(
  stored: Uint8Array,
  dtype: WeightDtype,
  quantisation: Quantisation | undefined,
): Uint8Array {
  if (quantisation === undefined) return stored;
  const values = quantisation.dtype === 'float16' ? halves(stored) : steps(stored, quantisation);
  const result = dtype === 'int32' ? Int32Array.from(values, Math.round) : Float32Array.from(values);
  return new Uint8Array(result.buffer);
}

function steps(
  stored: Uint8Array,
  { dtype, scale, min }: Exclude<Quantisation, { dtype: 'float16' }>,
): Float64Array {
  const numbers = dtype === 'uint8' ? stored : aligned(stored, Uint16Array);
  return Float64Array.from(numbers, (value) => value * scale + min);
}

/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits. */
function halves(stored: Uint8Array): Float64Array {
  return Float64Array.from(aligned(stored, Uint16Array), (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(bits >>> 10) & 0x1f, bits & 0x3ff];
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** A typed array must begin at a multiple of its element's size. */
export function aligned<T>(bytes: Uint8Array, kind: new (buffer: ArrayBuffer) => T): T {
  return new kind(Uint8Array.from(bytes).buffer);
}
