// From a tensor of several examples, as Keras takes it, to one array per example with its channels last.
import { AppError } from '../errors/app-error.js';

export interface TensorLayout {
  /** Height, width and channels. */
  readonly shape: readonly number[];
  /** Whether the tensor comes with its channels before its height. */
  readonly channelsFirst: boolean;
}

export function splitTensor(
  values: Float32Array,
  count: number,
  { shape, channelsFirst }: TensorLayout,
): readonly Float32Array[] {
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (values.length !== count * size) {
    const detail = `${count} examples of ${size} numbers are ${count * size}, not ${values.length}`;
    throw new AppError('invalid_parameter', detail);
  }
  return Array.from({ length: count }, (_, at) => {
    const example = values.subarray(at * size, (at + 1) * size);
    return channelsFirst ? channelsLast(example, shape.at(-1) ?? 1) : example;
  });
}

function channelsLast(example: Float32Array, channels: number): Float32Array {
  const pixels = example.length / channels;
  const moved = new Float32Array(example.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      moved[pixel * channels + channel] = example[channel * pixels + pixel] ?? 0;
    }
  }
  return moved;
}
