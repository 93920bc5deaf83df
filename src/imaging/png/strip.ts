// Leaves out what pixels do not need: a few kilobytes of compressed comments can swell to gigabytes inside libpng.
import { Chunks } from './chunks.js';

const SIGNATURE_LENGTH = 8;
/** Ten megabytes are 800,000 empty ones, of which libpng has much to say: a second of the main thread. */
const MOST_CHUNKS = 4096;
/** Of pixels: of these it says nothing, and some encoders write one for each row. */
const MOST_DATA_CHUNKS = 131_072;

/** The same bytes where there is nothing to leave out. What follows the last whole chunk is left out, too. */
export function stripPng(bytes: Uint8Array): Uint8Array {
  const kept = [bytes.subarray(0, SIGNATURE_LENGTH)];
  let isWhole = true;
  let [others, ofPixels] = [0, 0];
  for (const chunk = new Chunks(bytes); chunk.next();) {
    if (chunk.name === 'IDAT') ofPixels += 1;
    else others += 1;
    if (others > MOST_CHUNKS || ofPixels > MOST_DATA_CHUNKS) throw new Error('it has too many chunks');
    if (chunk.name !== undefined) kept.push(chunk.whole);
    else isWhole = false;
  }
  return isWhole ? bytes : Buffer.concat(kept);
}
