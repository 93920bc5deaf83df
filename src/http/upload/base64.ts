// Base64 as clients write it: plain, with line breaks, URL-safe, unpadded, or as a data URL.
import { AppError } from '../../errors/app-error.js';

const DATA_URL = /^data:[\w.+/-]*(?:;[\w.=+-]+)*;base64,/i;

export function decodeBase64(text: string, place: string): Uint8Array {
  const prefix = text.startsWith('data:') ? DATA_URL.exec(text.slice(0, 200)) : null;
  if (text.startsWith('data:') && prefix === null) {
    throw new AppError(
      'malformed_json',
      `${place}: a data URL of a picture begins with data:image/...;base64,`,
    );
  }
  const encoded = prefix === null ? text : text.slice(prefix[0].length);
  const bytes = Buffer.from(encoded, 'base64');
  // Node drops what is no base64 without a word: the length tells.
  if (
    bytes.length !== decodedLength(encoded) &&
    bytes.length !== decodedLength(encoded.replace(/\s+/g, ''))
  ) {
    throw new AppError('malformed_json', `${place} is not valid base64`);
  }
  return bytes;
}

function decodedLength(encoded: string): number {
  let end = encoded.length;
  while (end > 0 && encoded.length - end < 2 && encoded[end - 1] === '=') end -= 1;
  return Math.floor((end * 3) / 4);
}
