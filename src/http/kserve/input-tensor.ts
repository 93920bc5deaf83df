// From the input tensor of a request to the examples that a model takes: floats, pixels or encoded pictures; in JSON or
// in binary.
import type { ModelInfo } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import type { Examples } from '../tensors/examples.js';
import { kindOf } from '../tensors/json-kind.js';
import { countExamples, kerasShape, pictureShape } from '../tensors/model-shape.js';
import { elementsOf, NumberTensor, shapeText } from '../tensors/number-tensor.js';
import type { TensorCall } from '../tensors/tensor-call.js';
import type { Slices } from '../tensors/turns.js';
import { FLOAT_TYPES, PICTURES, PIXELS, type FloatType } from './datatypes.js';
import { binaryPictures, textPictures } from './input-pictures.js';
import type { RequestInput } from './schemas.js';

const SHAPE = 'inputs[0].shape';
const DATA = 'inputs[0].data';

export async function inputExamples(
  input: RequestInput,
  binary: Buffer | null,
  call: TensorCall,
): Promise<Examples> {
  const { shape, datatype } = input;
  const { info } = call.model;
  if (datatype === PICTURES) {
    const count = bounded(
      countExamples(SHAPE, shape.length === 2 && shape[1] === 1 ? [shape[0] ?? 0] : shape, []),
      call,
    );
    const pictures =
      binary === null ? await textPictures(input.data, count, call) : binaryPictures(binary, count, call);
    return { kind: 'pictures', pictures };
  }
  if (datatype === PIXELS) {
    const count = bounded(countExamples(SHAPE, ...pixelShapes(shape, info)), call);
    const bytes =
      binary === null
        ? await pixelsOf(numbersIn(input), call.slices)
        : exactly(binary, elementsOf(shape), PIXELS);
    const size = bytes.length / count;
    const images = Array.from(
      { length: count },
      (_, at) => new Uint8Array(bytes.subarray(at * size, (at + 1) * size)),
    );
    return { kind: 'pixels', images };
  }
  const type = FLOAT_TYPES[datatype];
  if (type === undefined || !Object.hasOwn(FLOAT_TYPES, datatype)) throw unknownType(datatype);
  const count = bounded(countExamples(SHAPE, shape, kerasShape(info)), call);
  const values =
    binary === null
      ? numbersIn(input).values
      : await floatsOf(exactly(binary, elementsOf(shape) * type.bytes, datatype), type, shape, call.slices);
  return { kind: 'numbers', values, count };
}

/** Grey pictures may come without their one channel. */
function pixelShapes(
  shape: readonly number[],
  info: ModelInfo,
): readonly [readonly number[], readonly number[]] {
  const [height = 0, width = 0, channels] = pictureShape(info);
  return channels === 1 && shape.length === 3 ? [shape, [height, width]] : [shape, pictureShape(info)];
}

const unknownType = (datatype: string): AppError =>
  new AppError(
    'invalid_tensor',
    `inputs[0].datatype: expected ${Object.keys(FLOAT_TYPES).join(', ')} (numbers as Keras's predict takes them), ${PIXELS} (pixels) or ${PICTURES} (encoded pictures), found ${JSON.stringify(datatype.slice(0, 40))}`,
  );

function bounded(count: number, { maxExamples }: TensorCall): number {
  if (count > maxExamples) {
    throw new AppError('too_many_images', `${count} examples; at most ${maxExamples} fit`);
  }
  return count;
}

/** Flat, or nested as the shape says. */
function numbersIn({ data, shape }: RequestInput): NumberTensor {
  if (!(data instanceof NumberTensor)) {
    throw new AppError('invalid_tensor', `${DATA}: expected numbers, found ${kindOf(data)}`);
  }
  const isFlat = data.shape.length === 1;
  if (isFlat && data.values.length !== elementsOf(shape)) {
    throw new AppError(
      'invalid_tensor',
      `${DATA}: expected the ${elementsOf(shape)} numbers of the shape ${shapeText(shape)}, found ${data.values.length}`,
    );
  }
  if (!isFlat && data.shape.join() !== shape.join()) {
    throw new AppError(
      'invalid_tensor',
      `${DATA}: expected the shape ${shapeText(shape)}, or a flat array, found ${shapeText(data.shape)}`,
    );
  }
  return data;
}

/** Looked at between two looks at the clock. */
const STEP = 16 * 1024;

async function pixelsOf(data: NumberTensor, slices: Slices): Promise<Uint8Array> {
  const { values } = data;
  const pixels = new Uint8Array(values.length);
  for (let start = 0; start < values.length; start += STEP) {
    const end = Math.min(values.length, start + STEP);
    for (let at = start; at < end; at += 1) {
      const value = values[at] ?? NaN;
      pixels[at] = value;
      if (pixels[at] !== value) {
        throw new AppError(
          'invalid_tensor',
          `${DATA}${data.indexOf(at)}: expected an integer from 0 to 255, found ${value}`,
        );
      }
    }
    await slices.pauseIfDue();
  }
  return pixels;
}

async function floatsOf(
  binary: Buffer,
  { bytes, raw: viewOn, meaning }: FloatType,
  shape: readonly number[],
  slices: Slices,
): Promise<Float32Array> {
  const values = new Float32Array(elementsOf(shape));
  // A view needs bytes that begin at a multiple of their size, which a body behind its JSON does not.
  const aligned = new Uint8Array(STEP * bytes);
  const raw = viewOn(aligned.buffer);
  for (let start = 0; start < values.length; start += STEP) {
    aligned.set(binary.subarray(start * bytes, (start + STEP) * bytes));
    const count = Math.min(STEP, values.length - start);
    for (let at = 0; at < count; at += 1) {
      const value = meaning(raw[at] ?? NaN);
      if (!Number.isFinite(Math.fround(value))) {
        const place = new NumberTensor(shape, values).indexOf(start + at);
        throw new AppError(
          'invalid_tensor',
          `inputs[0]${place}: expected a finite number that float32 holds, found ${value}`,
        );
      }
      values[start + at] = value;
    }
    await slices.pauseIfDue();
  }
  return values;
}

function exactly(binary: Buffer, expected: number, datatype: string): Buffer {
  if (binary.length === expected) return binary;
  throw new AppError(
    'invalid_tensor',
    `inputs[0]: expected ${expected} bytes of ${datatype} by its shape, found ${binary.length}`,
  );
}
