// The two things that TIFF's directories are asked here: which way is up (EXIF is built alike), and what a band is for.
import { isOrientation, type Orientation } from './orientation.js';

const ORIENTATION = 0x0112;
const EXTRA_SAMPLES = 0x0152;
const SHORT = 3;
/** The version of a BigTIFF, whose numbers are of 64 bits. */
const BIG = 43;

/** `tiff` is the block from its byte order mark on (TIFF 6.0, section 2). What is damaged counts as upright. */
export function exifOrientation(tiff: Uint8Array): Orientation {
  const value = firstShort(tiff, ORIENTATION);
  return isOrientation(value) ? value : 1;
}

/** Whether a band that no colour needs is said to be no opacity either: editors keep selections in one. */
export const hasSpareBand = (tiff: Uint8Array): boolean => firstShort(tiff, EXTRA_SAMPLES) === 0;

/** Of a tag in the first directory. */
function firstShort(tiff: Uint8Array, tag: number): number | undefined {
  if (tiff.length < 16) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return undefined;
  const little = mark === 0x4949;
  const isBig = view.getUint16(2, little) === BIG;
  const [count, entry, value] = isBig ? [8, 20, 12] : [2, 12, 8];
  const directory = isBig ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
  if (directory + count > tiff.length) return undefined;
  // Of a BigTIFF's count, too, the lower 16 bits are enough.
  const entries = view.getUint16(isBig && !little ? directory + 6 : directory, little);
  for (
    let at = directory + count, seen = 0;
    seen < entries && at + entry <= tiff.length;
    at += entry, seen += 1
  ) {
    if (view.getUint16(at, little) !== tag || view.getUint16(at + 2, little) !== SHORT) continue;
    return view.getUint16(at + value, little);
  }
  return undefined;
}
