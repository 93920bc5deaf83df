// Constants of a graph: float weights, and the small integers of shapes, axes and paddings.

export interface FloatTensor {
  readonly dtype: 'float32';
  readonly shape: readonly number[];
  /**
   * Read or computed anew at each access, so that one tensor at a time is in memory: take it once, where it is used. It is
   * its taker's, to be changed in place: new memory costs more than what is computed on it.
   */
  readonly data: Float32Array;
}

export interface IntTensor {
  readonly dtype: 'int32';
  readonly shape: readonly number[];
  readonly data: Int32Array;
}

/** Weights that are rounded already, as the upper halves of float32. */
export interface HalfTensor {
  readonly dtype: 'bfloat16';
  readonly shape: readonly number[];
  /** Computed anew at each access, and its taker's. */
  readonly data: Uint16Array;
}

export type Tensor = FloatTensor | IntTensor | HalfTensor;

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

export const floats = (shape: readonly number[], values: Float32Array): FloatTensor =>
  lazyFloats(shape, () => values.slice());

/** A float tensor that is computed when its data is asked for; `compute` keeps nothing of what it gives. */
export const lazyFloats = (shape: readonly number[], compute: () => Float32Array): FloatTensor => ({
  dtype: 'float32',
  shape,
  get data() {
    return compute();
  },
});

/** Rounded when their data is asked for. */
export const lazyHalves = (shape: readonly number[], compute: () => Uint16Array): HalfTensor => ({
  dtype: 'bfloat16',
  shape,
  get data() {
    return compute();
  },
});

export const ints = (values: readonly number[]): IntTensor => ({
  dtype: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
});

export const intMatrix = (rows: readonly (readonly [number, number])[]): IntTensor => ({
  dtype: 'int32',
  shape: [rows.length, 2],
  data: Int32Array.from(rows.flat()),
});

export const intScalar = (value: number): IntTensor => ({
  dtype: 'int32',
  shape: [],
  data: Int32Array.of(value),
});

export const floatScalar = (value: number): FloatTensor => floats([], Float32Array.of(value));

export const sameShape = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);
