// JPEGs as nearly all are, which decoders of our own take; all others are libvips's.
import type { JpegHeader } from './segments.js';

/**
 * How many channels the pixels have, 1 or 3. Undefined for what has a profile or other colours than grey and YCbCr, and
 * where further scans have to follow: our decoders read one.
 */
export function plainChannels(header: JpegHeader): 1 | 3 | undefined {
  const { sequential, components, hasProfile } = header;
  if (!sequential || hasProfile || !isInOneScan(header)) return undefined;
  if (components.length === 1) return 1;
  return components.length === 3 && isYCbCr(header) ? 3 : undefined;
}

/** All components and all coefficients (T.81, B.2.3). */
function isInOneScan({ components: { length: count }, scan }: JpegHeader): boolean {
  if (scan[0] !== count || scan.length !== 4 + 2 * count) return false;
  const [from, to, approximation] = scan.subarray(1 + 2 * count);
  return from === 0 && to === 63 && approximation === 0;
}

/** As libjpeg guesses the colours of three components (default_decompress_parms in jdapimin.c). */
function isYCbCr({ components, hasJfif, adobe }: JpegHeader): boolean {
  if (hasJfif) return true;
  if (adobe !== undefined) return adobe === 1;
  return components.every(({ id }, at) => id === at + 1);
}
