// The protocol's names of number types that a model takes as they are, and how one number of each is read.

export interface FloatType {
  readonly bytes: number;
  /** Little-endian, whatever the machine. */
  readonly read: (view: DataView, at: number) => number;
}

/** Those of a Keras model. Integers are not among them: whether they are pixels or already scaled, nobody can tell. */
export const FLOAT_TYPES: Readonly<Record<string, FloatType>> = {
  FP32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  FP64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  FP16: { bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => upperHalf(view.getUint16(at, true)) },
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
