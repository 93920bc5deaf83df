// What stands in a PNG file, chunk by chunk (PNG specification, third edition, sections 5 and 11).
import { crc32 } from 'node:zlib';
import { exifOrientation } from '../exif.js';
import type { Orientation } from '../orientation.js';

export type ColourType = 0 | 2 | 3 | 4 | 6;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: ColourType;
  readonly interlaced: boolean;
}

export interface PngFile extends PngHeader {
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly orientation: Orientation;
  readonly data: readonly Uint8Array[];
}

const DEPTHS: Record<ColourType, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const SIGNATURE_LENGTH = 8;
/** Length, type and checksum. */
const AROUND_DATA = 12;
const HEADER_END = SIGNATURE_LENGTH + AROUND_DATA + 13;

const isColourType = (value: number): value is ColourType => Object.hasOwn(DEPTHS, value);

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Undefined where it is not as the specification wants it. */
export function readHeader(bytes: Uint8Array): PngHeader | undefined {
  if (bytes.length < HEADER_END) return undefined;
  const data = view(bytes);
  const [width, height] = [data.getUint32(16), data.getUint32(20)];
  const [depth, colourType] = [data.getUint8(24), data.getUint8(25)];
  const interlace = data.getUint8(28);
  const isHeader = data.getUint32(8) === 13 && typeAt(bytes, 12) === 'IHDR';
  if (!isHeader || width === 0 || height === 0 || data.getUint16(26) !== 0 || interlace > 1) return undefined;
  if (!isColourType(colourType) || !DEPTHS[colourType].includes(depth)) return undefined;
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

const typeAt = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);

export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With its length, type and checksum. */
  readonly whole: Uint8Array;
}

/** Ends early where the file does. */
export function* chunks(bytes: Uint8Array): Generator<Chunk, undefined, undefined> {
  const numbers = view(bytes);
  for (let at = SIGNATURE_LENGTH; at + AROUND_DATA <= bytes.length;) {
    const length = numbers.getUint32(at);
    const end = at + AROUND_DATA + length;
    if (end > bytes.length) return;
    const type = typeAt(bytes, at + 4);
    yield { type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) };
    if (type === 'IEND') return;
    at = end;
  }
}

const isSound = ({ whole }: Chunk): boolean =>
  crc32(whole.subarray(4, whole.length - 4)) === view(whole).getUint32(whole.length - 4);

const isCritical = (type: string): boolean => /^[A-Z]/.test(type);

/** All that pixels need; undefined for a file that is damaged, or that needs more than this (a colour profile). */
export function readFile(bytes: Uint8Array): PngFile | undefined {
  const header = readHeader(bytes);
  if (header === undefined) return undefined;
  const data: Uint8Array[] = [];
  const found = new Map<string, Uint8Array>();
  for (const chunk of chunks(bytes)) {
    const { type } = chunk;
    if (type === 'IDAT') {
      if (!isSound(chunk)) return undefined;
      data.push(chunk.data);
    } else if (KEPT.includes(type)) {
      if (found.has(type) || !isSound(chunk)) return undefined;
      found.set(type, chunk.data);
    } else if (isCritical(type) || NEEDS_MORE.includes(type)) return undefined;
  }
  if (!found.has('IEND') || data.length === 0) return undefined;
  const exif = found.get('eXIf');
  const { width, height, depth, colourType, interlaced } = header;
  // Spread, an object of this shape is made three times as slowly.
  return {
    width,
    height,
    depth,
    colourType,
    interlaced,
    palette: found.get('PLTE'),
    transparency: found.get('tRNS'),
    orientation: exif === undefined ? 1 : exifOrientation(exif),
    data,
  };
}

const KEPT: readonly string[] = ['IHDR', 'PLTE', 'tRNS', 'eXIf', 'IEND'];
const NEEDS_MORE: readonly string[] = ['iCCP'];
