// Whether a tensor of this shape can be: sizes come from files, and one layer turns small ones into any.
import { AppError } from '../../errors/app-error.js';
import { sizeOf } from '../graph/tensor.js';

/** 1 GB of float32 for one picture: no classifier comes near, and the machine would not hold a batch of them. */
const MAX_VALUES = 2 ** 28;
/** TensorFlow has kernels for tensors of up to 8 axes. */
const MAX_AXES = 8;

/** Batch first, as null. */
export function refuseSizes(where: string, shape: readonly (number | null)[]): void {
  const sizes = shape.filter((size) => size !== null);
  const shown = `[${shape
    .slice(0, 12)
    .map((size) => size ?? 'batch')
    .join(', ')}]`;
  if (shape.length > MAX_AXES || !sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new AppError('config_malformed', `${where}: no tensor has the shape ${shown}`);
  }
  if (isTooLarge(sizes)) {
    throw new AppError(
      'model_too_large',
      `${where}: a tensor of the shape ${shown} has more than ${MAX_VALUES.toLocaleString('en')} values`,
    );
  }
}

const isTooLarge = (sizes: readonly number[]): boolean =>
  sizes.every(Number.isSafeInteger) && sizeOf(sizes) > MAX_VALUES;

/** What a layer makes on the way to its output may be larger than that: the scores of an attention. */
export function refuseLargeSteps(where: string, shapes: readonly (readonly (number | null)[])[]): void {
  for (const shape of shapes)
    if (isTooLarge(shape.filter((size) => size !== null))) refuseSizes(where, shape);
}
