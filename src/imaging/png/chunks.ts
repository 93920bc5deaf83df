// What stands in a PNG file, chunk by chunk (PNG specification, third edition, sections 5 and 11).
import { crc32 } from 'node:zlib';
import { exifOrientation } from '../tiff-tags.js';
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
  /** Of all chunks of pixels, one after the other. */
  readonly data: Uint8Array;
}

const DEPTHS: Record<ColourType, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** All that pixels may need. */
const KNOWN = [
  'IHDR',
  'PLTE',
  'tRNS',
  'IDAT',
  'IEND',
  'iCCP',
  'sRGB',
  'gAMA',
  'cHRM',
  'sBIT',
  'eXIf',
] as const;
type ChunkName = (typeof KNOWN)[number];

/** By their four letters as one number: a text for each chunk would be garbage. */
const NAMES: ReadonlyMap<number, ChunkName> = new Map(
  KNOWN.map((name) => [Buffer.from(name, 'latin1').readUInt32BE(), name]),
);
/** The bit of a name's first letter that makes it a small one. */
const ANCILLARY = 0x20_00_00_00;

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
  const isHeader = data.getUint32(8) === 13 && NAMES.get(data.getUint32(12)) === 'IHDR';
  if (!isHeader || width === 0 || height === 0 || data.getUint16(26) !== 0 || interlace > 1) return undefined;
  if (!isColourType(colourType) || !DEPTHS[colourType].includes(depth)) return undefined;
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

/** Stands at one chunk after another: an object for each would be garbage. Ends early where the file does. */
export class Chunks {
  /** Undefined for one that pixels do not need. */
  name: ChunkName | undefined;
  /** Whether there is no picture without it. */
  isCritical = false;
  private readonly numbers: DataView;
  private start = 0;
  private end = SIGNATURE_LENGTH;

  constructor(private readonly bytes: Uint8Array) {
    this.numbers = view(bytes);
  }

  next(): boolean {
    const { bytes, numbers, end: start } = this;
    if (this.name === 'IEND' || start + AROUND_DATA > bytes.length) return false;
    const end = start + AROUND_DATA + numbers.getUint32(start);
    if (end > bytes.length) return false;
    const letters = numbers.getUint32(start + 4);
    this.name = NAMES.get(letters);
    this.isCritical = (letters & ANCILLARY) === 0;
    this.start = start;
    this.end = end;
    return true;
  }

  get data(): Uint8Array {
    return this.bytes.subarray(this.start + 8, this.end - 4);
  }

  /** With its length, name and checksum. */
  get whole(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  get isSound(): boolean {
    return crc32(this.bytes.subarray(this.start + 4, this.end - 4)) === this.numbers.getUint32(this.end - 4);
  }
}

/** All that pixels need; undefined for a file that is damaged, or that needs more than this (a colour profile). */
export function readFile(bytes: Uint8Array): PngFile | undefined {
  const header = readHeader(bytes);
  if (header === undefined) return undefined;
  const data: Uint8Array[] = [];
  const found: Partial<Record<ChunkName, Uint8Array>> = {};
  for (const chunk = new Chunks(bytes); chunk.next();) {
    const { name } = chunk;
    if (name === undefined ? chunk.isCritical : name === 'iCCP') return undefined;
    if (name === undefined || !KEPT.includes(name)) continue;
    if (!chunk.isSound) return undefined;
    if (name === 'IDAT') data.push(chunk.data);
    else if (found[name] === undefined) found[name] = chunk.data;
    else return undefined;
  }
  const { PLTE: palette, tRNS: transparency, eXIf: exif, IEND: end } = found;
  const [first] = data;
  if (end === undefined || first === undefined) return undefined;
  const { width, height, depth, colourType, interlaced } = header;
  // Spread, an object of this shape is made three times as slowly.
  return {
    width,
    height,
    depth,
    colourType,
    interlaced,
    palette,
    transparency,
    orientation: exif === undefined ? 1 : exifOrientation(exif),
    data: data.length === 1 ? first : Buffer.concat(data),
  };
}

const KEPT: readonly ChunkName[] = ['IHDR', 'PLTE', 'tRNS', 'eXIf', 'IDAT', 'IEND'];
