// What is wrong with a PNG that cannot be read: of most faults libpng says nothing, or that there is one.
import { Chunks, readHeader } from './chunks.js';

/** Undefined where chunks and header are as they should be. */
export function pngFault(bytes: Uint8Array): string | undefined {
  let hasPixels = false;
  let hasEnd = false;
  for (const chunk = new Chunks(bytes); chunk.next();) {
    if (chunk.name === undefined) continue; // libpng does not see it
    if (!chunk.isSound) return `the checksum of its ${chunk.name} chunk is wrong`;
    hasPixels ||= chunk.name === 'IDAT';
    hasEnd ||= chunk.name === 'IEND';
  }
  if (readHeader(bytes) === undefined) return 'its header (IHDR) names what no PNG can have';
  if (!hasEnd) return 'it is cut off';
  return hasPixels ? undefined : 'it has no pixels (IDAT)';
}
