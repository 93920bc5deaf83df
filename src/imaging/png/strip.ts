// Leaves out what pixels do not need: a few kilobytes of compressed comments can swell to gigabytes inside libpng.
import { Chunks } from './chunks.js';

const SIGNATURE_LENGTH = 8;
/** Ten megabytes are 800,000 empty ones, of which libpng has much to say: a second of the main thread. */
const MOST_CHUNKS = 16_384;

/** The same bytes where there is nothing to leave out. What follows the last whole chunk is left out, too. */
export function stripPng(bytes: Uint8Array): Uint8Array {
  const kept = [bytes.subarray(0, SIGNATURE_LENGTH)];
  let isWhole = true;
  let count = 0;
  for (const chunk = new Chunks(bytes); chunk.next();) {
    if (++count > MOST_CHUNKS) throw new Error(`it has more than ${MOST_CHUNKS} chunks`);
    if (chunk.name !== undefined) kept.push(chunk.whole);
    else isWhole = false;
  }
  return isWhole ? bytes : Buffer.concat(kept);
}
