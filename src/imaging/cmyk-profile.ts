// Whether a colour profile can be one of printing colours (ICC.1, 7.2). In the place of one that cannot, libvips would take
// that of a certain press.
import { ascii } from './ascii.js';

const HEADER_LENGTH = 128;

export function isCmykProfile(icc: Uint8Array | undefined): boolean {
  if (icc === undefined || icc.length < HEADER_LENGTH) return false;
  const claimed = new DataView(icc.buffer, icc.byteOffset, icc.byteLength).getUint32(0);
  return claimed <= icc.length && ascii(icc, 16, 20) === 'CMYK' && ascii(icc, 36, 40) === 'acsp';
}
