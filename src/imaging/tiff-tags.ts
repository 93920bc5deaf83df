// The two things that TIFF's directories are asked here: which way is up (EXIF is built alike), and what a band is for.
import { isOrientation, type Orientation } from './orientation.js';

const ORIENTATION = 0x0112;
const EXTRA_SAMPLES = 0x0152;
const SHORT = 3;

/** `tiff` is the block from its byte order mark on (TIFF 6.0, section 2). What is damaged counts as upright. */
export function exifOrientation(tiff: Uint8Array): Orientation {
  const value = firstShort(tiff, ORIENTATION);
  return isOrientation(value) ? value : 1;
}

/** Whether a band that no colour needs is said to be no opacity either: editors keep selections in one. */
export const hasSpareBand = (tiff: Uint8Array): boolean => firstShort(tiff, EXTRA_SAMPLES) === 0;

/** Of a tag in the first directory. */
function firstShort(tiff: Uint8Array, tag: number): number | undefined {
  if (tiff.length < 14) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return undefined;
  const little = mark === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, little);
  for (let at = directory + 2, seen = 0; seen < entries && at + 12 <= tiff.length; at += 12, seen += 1) {
    if (view.getUint16(at, little) !== tag || view.getUint16(at + 2, little) !== SHORT) continue;
    return view.getUint16(at + 8, little);
  }
  return undefined;
}
