// From the values of a request, pictures or numbers, to the examples that a model takes.
import type { ModelInfo } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import type { Examples } from '../tensors/examples.js';
import { isObject, kindOf } from '../tensors/json-kind.js';
import type { JsonValue } from '../tensors/json-reader.js';
import { countExamples, kerasShape } from '../tensors/model-shape.js';
import { elementsOf, NumberTensor } from '../tensors/number-tensor.js';
import { pictureFrom } from '../tensors/picture-text.js';
import type { TensorCall } from '../tensors/tensor-call.js';

/** One value of a request, and where in it. */
export interface Placed {
  readonly value: JsonValue;
  readonly place: string;
}

/** The base64 of `{"b64": "..."}`; TensorFlow Serving knows a picture by this being the only member. */
export function encodedPicture(value: JsonValue): string | null {
  if (!isObject(value) || Object.keys(value).length !== 1) return null;
  const { b64 } = value;
  return typeof b64 === 'string' ? b64 : null;
}

/** A whole batch: numbers in one tensor, which was one value of the request. */
export function batchOf({ shape, values }: NumberTensor, place: string, info: ModelInfo): Examples {
  return { kind: 'numbers', values, count: countExamples(place, shape, kerasShape(info)) };
}

/** Examples that came one by one. Numbers of each must pass `check`. */
export async function examplesOf(
  parts: readonly Placed[],
  { model: { info }, slices, maxBytes, maxExamples }: TensorCall,
  check: (place: string, shape: readonly number[]) => void,
): Promise<Examples> {
  if (parts.length > maxExamples) {
    throw new AppError('too_many_images', `${parts.length} examples; at most ${maxExamples} fit`);
  }
  const pictures = [];
  const size = elementsOf(kerasShape(info));
  const values = new Float32Array(parts[0]?.value instanceof NumberTensor ? size * parts.length : 0);
  for (const [at, { value, place }] of parts.entries()) {
    const text = encodedPicture(value);
    if (text !== null && values.length === 0) pictures.push(pictureFrom(text, place, maxBytes));
    else if (value instanceof NumberTensor && values.length > 0) {
      check(place, value.shape);
      values.set(value.values, at * size);
    } else {
      const expected =
        at === 0 ? 'a picture as {"b64": "..."}, or numbers' : values.length > 0 ? 'numbers' : 'a picture';
      throw new AppError('invalid_tensor', `${place}: expected ${expected}, found ${kindOf(value)}`);
    }
    await slices.pauseIfDue();
  }
  return values.length > 0
    ? { kind: 'numbers', values, count: parts.length }
    : { kind: 'pictures', pictures };
}
