// Whether numbers have the shape that a model takes, and in which words it is told that they have not.
import type { ModelInfo } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { elementsOf, shapeText } from './number-tensor.js';

/** One example as Keras's predict takes it. */
export const kerasShape = ({ inputShape }: ModelInfo): readonly number[] => inputShape.slice(1).map(Number);

/** One example as a picture: height, width, channels. */
export const pictureShape = ({ input }: ModelInfo): readonly number[] => [
  input.height,
  input.width,
  input.channels,
];

export const exampleSize = (info: ModelInfo): number => elementsOf(pictureShape(info));

/** How many examples there are. */
export function countExamples(place: string, shape: readonly number[], example: readonly number[]): number {
  const [count = 0, ...rest] = shape;
  if (shape.length !== example.length + 1 || rest.some((size, at) => size !== example[at])) {
    throw wrongShape(place, ['n', ...example], shape);
  }
  if (count === 0)
    throw new AppError('invalid_tensor', `${place}: expected at least one example, found none`);
  return count;
}

export function requireExample(place: string, shape: readonly number[], example: readonly number[]): void {
  if (shape.length !== example.length || shape.some((size, at) => size !== example[at])) {
    throw wrongShape(place, example, shape);
  }
}

function wrongShape(
  place: string,
  expected: readonly (number | string)[],
  found: readonly number[],
): AppError {
  const hint = hintFor(expected, found);
  return new AppError(
    'invalid_tensor',
    `${place}: expected the shape ${shapeText(expected)}, found ${shapeText(found)}${hint}`,
  );
}

function hintFor(expected: readonly (number | string)[], found: readonly number[]): string {
  const sizes = expected.filter((size) => typeof size === 'number');
  const last = found.slice(-sizes.length);
  if (found.length === sizes.length && expected.length > sizes.length && sameSizes(last, sizes)) {
    return ': the examples must stand in an array';
  }
  const isMoved = last.toSorted().join() === sizes.toSorted().join() && !sameSizes(last, sizes);
  return isMoved && sizes.length === 3 ? ': the same sizes in another order' : '';
}

const sameSizes = (a: readonly number[], b: readonly (number | string)[]): boolean => a.join() === b.join();
