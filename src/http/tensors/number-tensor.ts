// Numbers of a request, row by row, with their shape.

export class NumberTensor {
  constructor(
    readonly shape: readonly number[],
    readonly values: Float32Array,
  ) {}

  /** `[3][0][27]`: where in the nested arrays the value at `flat` stands. */
  indexOf(flat: number): string {
    let rest = flat;
    return this.shape
      .toReversed()
      .map((size) => {
        const index = rest % size;
        rest = Math.floor(rest / size);
        return `[${index}]`;
      })
      .toReversed()
      .join('');
  }
}

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

export const shapeText = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;
