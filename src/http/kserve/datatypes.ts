// The protocol's names of number types that a model takes as they are, and how one number of each is read.

export interface FloatType {
  readonly bytes: number;
  /** Little-endian, as the protocol has it and every processor that Node.js runs on. */
  readonly raw: (bytes: ArrayBuffer) => Float32Array | Float64Array | Uint16Array;
  /** From what stands there to what it means. */
  readonly meaning: (raw: number) => number;
}

const itself = (raw: number): number => raw;

/** Those of a Keras model. Integers are not among them: whether they are pixels or already scaled, nobody can tell. */
export const FLOAT_TYPES: Readonly<Record<string, FloatType>> = {
  FP32: { bytes: 4, raw: (bytes) => new Float32Array(bytes), meaning: itself },
  FP64: { bytes: 8, raw: (bytes) => new Float64Array(bytes), meaning: itself },
  FP16: { bytes: 2, raw: (bytes) => new Uint16Array(bytes), meaning: halfFloat },
  BF16: { bytes: 2, raw: (bytes) => new Uint16Array(bytes), meaning: upperHalf },
};

export const PIXELS = 'UINT8';
export const PICTURES = 'BYTES';

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function upperHalf(bits: number): number {
  scratch.setUint32(0, bits * 0x10000);
  return scratch.getFloat32(0);
}
