// A sequence of AVIF holds a still picture as well, and so do files with a profile's name in front. libheif asks the name
// alone (ISO/IEC 14496-12, 4.3).
import { ascii } from './ascii.js';

const NAME = { start: 8, end: 12 } as const;
const KNOWN = ['avif', 'mif1', 'msf1'];

/** The same bytes where libheif knows the name. */
export function asStillAvif(bytes: Uint8Array): Uint8Array {
  if (KNOWN.includes(ascii(bytes, NAME.start, NAME.end))) return bytes;
  const still = Buffer.from(bytes);
  still.write('avif', NAME.start, 'latin1');
  return still;
}
