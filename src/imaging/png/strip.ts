// Leaves out what pixels do not need: a few kilobytes of compressed comments can swell to gigabytes inside libpng.
import { Chunks } from './chunks.js';

const SIGNATURE_LENGTH = 8;

/** The same bytes where there is nothing to leave out. What follows the last whole chunk is left out, too. */
export function stripPng(bytes: Uint8Array): Uint8Array {
  const kept = [bytes.subarray(0, SIGNATURE_LENGTH)];
  let isWhole = true;
  for (const chunk = new Chunks(bytes); chunk.next();) {
    if (chunk.name !== undefined) kept.push(chunk.whole);
    else isWhole = false;
  }
  return isWhole ? bytes : Buffer.concat(kept);
}
