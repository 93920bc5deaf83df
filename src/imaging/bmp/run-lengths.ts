// Bitmaps with run-length coding (BI_RLE8, BI_RLE4).
import { BmpFault, type BmpHeader } from './header.js';
import type { Steps } from '../slices.js';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/** Two bytes say at most 255 pixels. */
const MOST_PIXELS_PER_BYTE = 128;

/** One index per pixel, in the order of rows in the file. What the file skips is index 0. */
export function* expandRuns(bytes: Uint8Array, header: BmpHeader): Steps<Uint8Array> {
  const { width, height, coding } = header;
  if (width * height > MOST_PIXELS_PER_BYTE * bytes.length)
    throw new BmpFault('it is too short for its size');
  const indices = new Uint8Array(width * height);
  const perByte = coding === 'rle4' ? 2 : 1;
  const index = (byte: number, at: number): number =>
    perByte === 1 ? byte : at % 2 === 0 ? byte >> 4 : byte & 15;
  let [row, column] = [0, 0];
  let commands = 0;
  let at = header.dataStart;
  while (row < height) {
    // Some writers leave the last end-of-bitmap out.
    if (at + 2 > bytes.length) {
      if (row === height - 1 && column === width) break;
      throw new BmpFault('the pixels are cut off');
    }
    const [count = 0, value = 0] = [bytes[at], bytes[at + 1]];
    at += 2;
    if (count > 0) {
      for (let run = 0; run < count && column < width; run += 1) {
        indices[row * width + column++] = index(value, run);
      }
    } else if (value === END_OF_LINE) {
      row += 1;
      column = 0;
    } else if (value === END_OF_BITMAP) {
      break;
    } else if (value === DELTA) {
      column = Math.min(width, column + (bytes[at] ?? 0));
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = Math.ceil(value / perByte);
      if (at + length > bytes.length) throw new BmpFault('the pixels are cut off');
      for (let literal = 0; literal < value && column < width; literal += 1) {
        indices[row * width + column++] = index(bytes[at + Math.floor(literal / perByte)] ?? 0, literal);
      }
      at += length + (length & 1);
    }
    commands += 1;
    if (commands % 1024 === 0) yield;
  }
  return indices;
}
