// The encoded pictures of a BYTES tensor: base64 in JSON, or each behind its length in binary.
import { AppError } from '../../errors/app-error.js';
import type { EncodedPicture } from '../tensors/examples.js';
import { isArray, kindOf } from '../tensors/json-kind.js';
import type { JsonValue } from '../tensors/json-reader.js';
import { pictureFrom } from '../tensors/picture-text.js';
import type { TensorCall } from '../tensors/tensor-call.js';
import { fileTooLarge } from '../upload/upload-errors.js';

const DATA = 'inputs[0].data';

export async function textPictures(
  data: JsonValue | undefined,
  count: number,
  { maxBytes, slices }: TensorCall,
): Promise<readonly EncodedPicture[]> {
  if (!isArray(data)) {
    throw new AppError('invalid_tensor', `${DATA}: expected texts in base64, found ${kindOf(data)}`);
  }
  if (data.length !== count) {
    throw new AppError(
      'invalid_tensor',
      `${DATA}: expected ${count} pictures by its shape, found ${data.length}`,
    );
  }
  const pictures: EncodedPicture[] = [];
  for (const [at, element] of data.entries()) {
    const text = isArray(element) && element.length === 1 ? element[0] : element;
    if (typeof text !== 'string') {
      throw new AppError(
        'invalid_tensor',
        `${DATA}[${at}]: expected a picture in base64, found ${kindOf(element)}`,
      );
    }
    pictures.push(pictureFrom(text, `${DATA}[${at}]`, maxBytes));
    await slices.pauseIfDue();
  }
  return pictures;
}

const LENGTH_BYTES = 4;

/** Each behind its length, a 4-byte unsigned integer. */
export function binaryPictures(
  binary: Buffer,
  count: number,
  { maxBytes }: TensorCall,
): readonly EncodedPicture[] {
  const pictures: EncodedPicture[] = [];
  let at = 0;
  while (at < binary.length) {
    const place = `inputs[0][${pictures.length}]`;
    const left = binary.length - at - LENGTH_BYTES;
    const length = left >= 0 ? binary.readUInt32LE(at) : Infinity;
    if (length > left) {
      throw new AppError(
        'invalid_tensor',
        `${place}: its length says ${length === Infinity ? 'nothing' : `${length} bytes`}, ${Math.max(0, left)} are left`,
      );
    }
    if (length > maxBytes) throw fileTooLarge(maxBytes);
    const start = at + LENGTH_BYTES;
    pictures.push({ bytes: binary.subarray(start, start + length), place });
    at = start + length;
    if (pictures.length > count) break;
  }
  if (pictures.length === count) return pictures;
  const found = pictures.length > count ? 'more' : String(pictures.length);
  throw new AppError('invalid_tensor', `inputs[0]: expected ${count} pictures by its shape, found ${found}`);
}
