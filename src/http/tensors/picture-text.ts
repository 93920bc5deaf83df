// Pictures that come as base64 inside JSON.
import { decodeBase64 } from '../upload/base64.js';
import { fileTooLarge } from '../upload/upload-errors.js';
import type { EncodedPicture } from './examples.js';

export function pictureFrom(text: string, place: string, maxBytes: number): EncodedPicture {
  const bytes = decodeBase64(text, place);
  if (bytes.length > maxBytes) throw fileTooLarge(maxBytes);
  return { bytes, place };
}
