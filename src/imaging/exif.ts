// The one thing that EXIF is asked here: which way is up.
import { isOrientation, type Orientation } from './orientation.js';

const ORIENTATION = 0x0112;
const SHORT = 3;

/** `tiff` is the block from its byte order mark on (TIFF 6.0, section 2). What is damaged counts as upright. */
export function exifOrientation(tiff: Uint8Array): Orientation {
  if (tiff.length < 14) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const mark = view.getUint16(0);
  if (mark !== 0x4949 && mark !== 0x4d4d) return 1;
  const little = mark === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let at = directory + 2, seen = 0; seen < entries && at + 12 <= tiff.length; at += 12, seen += 1) {
    if (view.getUint16(at, little) !== ORIENTATION || view.getUint16(at + 2, little) !== SHORT) continue;
    const value = view.getUint16(at + 8, little);
    return isOrientation(value) ? value : 1;
  }
  return 1;
}
