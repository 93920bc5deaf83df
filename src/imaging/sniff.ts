// What a file is, by its first bytes alone: names and content types are only claims.

import { ascii } from './ascii.js';
import { HEADER_LENGTHS } from './bmp/header.js';

type Signature = (bytes: Uint8Array) => boolean;

const startsWith =
  (...prefixes: string[]): Signature =>
  (bytes) =>
    prefixes.some((prefix) => begins(bytes, prefix));

/** Byte by byte: every picture is asked for, and most end at the first. */
function begins(bytes: Uint8Array, prefix: string): boolean {
  for (let at = 0; at < prefix.length; at += 1) if (bytes[at] !== prefix.charCodeAt(at)) return false;
  return true;
}

/** The brands of an ISO base media file (ISO/IEC 14496-12, 4.3): the major one, then the compatible ones. */
function brands(bytes: Uint8Array): readonly string[] {
  if (ascii(bytes, 4, 8) !== 'ftyp') return [];
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(size, bytes.length, 256);
  const found = [ascii(bytes, 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(ascii(bytes, at, at + 4));
  return found;
}

const branded =
  (...wanted: string[]): Signature =>
  (bytes) =>
    brands(bytes).some((brand) => wanted.includes(brand));

const markup =
  (pattern: RegExp): Signature =>
  (bytes) =>
    pattern.test(ascii(bytes, 0, 1024));

const printable: Signature = (bytes) => /^[\t\n\r\x20-\x7e]{4,}$/.test(ascii(bytes, 0, 64));

/** The formats that are decoded. */
const READ = {
  JPEG: startsWith('\xff\xd8\xff'),
  PNG: startsWith('\x89PNG\r\n\x1a\n'),
  WebP: (bytes) => startsWith('RIFF')(bytes) && ascii(bytes, 8, 12) === 'WEBP',
  GIF: startsWith('GIF87a', 'GIF89a'),
  AVIF: branded('avif', 'avis'),
  BMP: (bytes) =>
    startsWith('BM')(bytes) && HEADER_LENGTHS.includes(bytes[14] ?? 0) && ascii(bytes, 15, 18) === '\0\0\0',
  TIFF: startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+'),
} as const satisfies Record<string, Signature>;

/** What people send instead, so that the refusal can name it. The order matters: general rows come last. */
const REFUSED = {
  HEIC: branded('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'),
  'MP4 or QuickTime video': (bytes) => brands(bytes).length > 0,
  ICO: startsWith('\0\0\x01\0'),
  'JPEG XL': startsWith('\xff\x0a', '\0\0\0\x0cJXL '),
  'JPEG 2000': startsWith('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'),
  Photoshop: startsWith('8BPS'),
  PDF: startsWith('%PDF-'),
  ZIP: startsWith('PK\x03\x04'),
  gzip: startsWith('\x1f\x8b'),
  HDF5: startsWith('\x89HDF\r\n\x1a\n'),
  SVG: markup(/^(?:\xef\xbb\xbf)?\s*<(?:svg|(?:\?xml|!)[^]*<svg)[\s>]/i),
  HTML: markup(/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)[\s>]/i),
  'plain text': printable,
} as const satisfies Record<string, Signature>;

export type ImageFormat = keyof typeof READ | 'HEIC';

export type Sniffed =
  | { readonly readable: true; readonly format: ImageFormat }
  | { readonly readable: false; readonly found: string };

const SIGNATURES = Object.entries({ ...READ, ...REFUSED });

const isRead = (name: string, readsHeic: () => boolean): name is ImageFormat =>
  Object.hasOwn(READ, name) || (name === 'HEIC' && readsHeic());

/** Whether HEIC can be read depends on how libvips was built. */
export function sniff(bytes: Uint8Array, { readsHeic = (): boolean => false } = {}): Sniffed {
  const name = SIGNATURES.find(([, matches]) => matches(bytes))?.[0];
  if (name === undefined) {
    return {
      readable: false,
      found: `an unknown format that begins with the bytes ${hex(bytes.subarray(0, 8))}`,
    };
  }
  return isRead(name, readsHeic) ? { readable: true, format: name } : { readable: false, found: name };
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
