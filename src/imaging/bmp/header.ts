// What stands before the pixels of a Windows or OS/2 bitmap (BITMAPFILEHEADER, BITMAPCOREHEADER to BITMAPV5HEADER).

export interface Masks {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 where there is no opacity. */
  readonly alpha: number;
}

export type Coding = 'plain' | 'rle8' | 'rle4';

export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Most bitmaps begin with their lowest row. */
  readonly topDown: boolean;
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly coding: Coding;
  readonly masks: Masks;
  /** Red, green, blue for each index; empty where pixels are colours. */
  readonly palette: Uint8Array;
  readonly dataStart: number;
}

const FILE_HEADER = 14;
const CORE = 12;
const INFO = 40;
/** OS/2's headers and Windows's: by length, what they are. */
export const HEADER_LENGTHS: readonly number[] = [CORE, 16, INFO, 52, 56, 64, 108, 124];

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

/** By bits per pixel, where the file names none. */
const MASKS: Record<16 | 24 | 32, Masks> = {
  16: { red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0 },
  24: { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 },
  32: { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 },
};

const isDepth = (bits: number): bits is BmpHeader['bits'] => [1, 2, 4, 8, 16, 24, 32].includes(bits);

export class BmpFault extends Error {}

export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (end: number): void => {
    if (end > bytes.length) throw new BmpFault('the header is cut off');
  };
  need(FILE_HEADER + CORE);
  const length = view.getUint32(FILE_HEADER, true);
  if (!HEADER_LENGTHS.includes(length)) throw new BmpFault(`a header of ${length} bytes is not known`);
  need(FILE_HEADER + length);
  const isCore = length === CORE;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  // 16 bytes of OS/2 2.x are a header that says no more than this.
  const compression = length >= INFO ? view.getUint32(30, true) : RGB;
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw new BmpFault(`it is ${width} x ${height} pixels`);
  if (!isDepth(bits)) throw new BmpFault(`${bits} bits per pixel are not read`);

  const hasMasks = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  const masksInside = length >= 52 && length !== 64;
  const masksAfter = hasMasks && !masksInside;
  const maskCount = compression === ALPHA_BITFIELDS || (masksInside && length >= 56) ? 4 : 3;
  if (hasMasks) need(54 + maskCount * 4);
  const mask = (at: number): number => (at < maskCount ? view.getUint32(54 + at * 4, true) : 0);
  const paletteStart = FILE_HEADER + length + (masksAfter ? maskCount * 4 : 0);
  const claimed = length >= INFO ? view.getUint32(46, true) : 0;
  const coding = codingOf(compression, bits, hasMasks);
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    coding,
    masks:
      bits < 16 || !hasMasks
        ? MASKS[bits === 16 || bits === 32 ? bits : 24]
        : { red: mask(0), green: mask(1), blue: mask(2), alpha: mask(3) },
    palette:
      bits > 8
        ? new Uint8Array()
        : readPalette(bytes, paletteStart, isCore ? 3 : 4, bits, claimed, view.getUint32(10, true)),
    dataStart: view.getUint32(10, true),
  };
}

function codingOf(compression: number, bits: number, hasMasks: boolean): Coding {
  if (compression === RGB || (hasMasks && bits >= 16)) return 'plain';
  if (compression === RLE8 && bits === 8) return 'rle8';
  if (compression === RLE4 && bits === 4) return 'rle4';
  throw new BmpFault(`compression ${compression} with ${bits} bits per pixel is not read`);
}

/** As many colours as the header claims, as fit before the pixels, and as an index can name. */
function readPalette(
  bytes: Uint8Array,
  start: number,
  entryLength: number,
  bits: number,
  claimed: number,
  dataStart: number,
): Uint8Array {
  const most = 1 << bits;
  const wanted = claimed === 0 ? most : Math.min(claimed, most);
  const end = Math.min(bytes.length, dataStart);
  const count = Math.max(0, Math.min(wanted, Math.floor((end - start) / entryLength)));
  if (count === 0) throw new BmpFault('the palette is missing');
  const palette = new Uint8Array(most * 3);
  for (let index = 0; index < count; index += 1) {
    const from = start + index * entryLength;
    palette[index * 3] = bytes[from + 2] ?? 0;
    palette[index * 3 + 1] = bytes[from + 1] ?? 0;
    palette[index * 3 + 2] = bytes[from] ?? 0;
  }
  return palette;
}
