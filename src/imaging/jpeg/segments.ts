// What a JPEG file says before its first scan (ITU-T T.81, annex B).
import { exifOrientation } from '../tiff-tags.js';
import type { Orientation } from '../orientation.js';

export interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly quantisation: number;
}

export interface HuffmanTable {
  /** How many codes there are of each length, 1 to 16. */
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** Baseline or extended, with 8 bits and Huffman codes: one scan holds the whole picture. */
  readonly sequential: boolean;
  readonly components: readonly Component[];
  readonly orientation: Orientation;
  readonly hasProfile: boolean;
  readonly hasJfif: boolean;
  /** The colour transform that Adobe's marker names. */
  readonly adobe: number | undefined;
  readonly quantisation: ReadonlyMap<number, Uint16Array>;
  /** By class and number: 0x00 for the first of the DC tables, 0x10 for the first of the AC tables. */
  readonly huffman: ReadonlyMap<number, HuffmanTable>;
  readonly restartInterval: number;
  /** The header of the first scan, and where its data begins. */
  readonly scan: Uint8Array;
  readonly dataStart: number;
}

const MARKER = {
  SOF0: 0xc0,
  SOF1: 0xc1,
  SOF15: 0xcf,
  DHT: 0xc4,
  JPG: 0xc8,
  DAC: 0xcc,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DRI: 0xdd,
  APP0: 0xe0,
  APP1: 0xe1,
  APP2: 0xe2,
  APP14: 0xee,
} as const;

/** A profile may take 255. Ten megabytes are 2.4 million empty ones, which libvips reads on another thread. */
const MOST_SEGMENTS = 4096;

const isFrame = (marker: number): boolean =>
  marker >= MARKER.SOF0 &&
  marker <= MARKER.SOF15 &&
  marker !== MARKER.DHT &&
  marker !== MARKER.JPG &&
  marker !== MARKER.DAC;

interface Frame extends Pick<JpegHeader, 'width' | 'height' | 'sequential' | 'components'> {
  readonly precision: number;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

const beginsWith = (bytes: Uint8Array, text: string): boolean =>
  bytes.length >= text.length && Array.from(text).every((letter, at) => bytes[at] === letter.charCodeAt(0));

/** Undefined where anything is not as the specification wants it, or takes long to read. */
export function readSegments(bytes: Uint8Array): JpegHeader | undefined {
  const quantisation = new Map<number, Uint16Array>();
  const huffman = new Map<number, HuffmanTable>();
  let frame: Frame | undefined;
  let orientation: Orientation = 1;
  let hasProfile = false;
  let hasJfif = false;
  let adobe: number | undefined;
  let restartInterval = 0;

  for (let at = 2, turns = 0; at + 4 <= bytes.length; turns += 1) {
    if (bytes[at] !== 0xff || turns > MOST_SEGMENTS) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill bytes may precede a marker
      continue;
    }
    const end = at + 2 + u16(bytes, at + 2);
    if (end > bytes.length || end < at + 4) return undefined;
    const segment = bytes.subarray(at + 4, end);
    at = end;

    if (isFrame(marker)) {
      if (frame !== undefined) return undefined;
      frame = readFrame(segment, marker);
      if (frame === undefined) return undefined;
    } else if (marker === MARKER.DQT) {
      if (!readQuantisation(segment, quantisation)) return undefined;
    } else if (marker === MARKER.DHT) {
      if (!readHuffman(segment, huffman)) return undefined;
    } else if (marker === MARKER.DRI) {
      restartInterval = u16(segment, 0);
    } else if (marker === MARKER.APP0) {
      hasJfif ||= beginsWith(segment, 'JFIF\0');
    } else if (marker === MARKER.APP1) {
      if (beginsWith(segment, 'Exif\0')) orientation = exifOrientation(segment.subarray(6));
    } else if (marker === MARKER.APP2) {
      hasProfile ||= beginsWith(segment, 'ICC_PROFILE\0');
    } else if (marker === MARKER.APP14) {
      if (beginsWith(segment, 'Adobe') && segment.length >= 12) adobe = segment[11];
    } else if (marker === MARKER.SOS) {
      if (frame === undefined) return undefined;
      const { width, height, sequential, components } = frame;
      return {
        ...{ width, height, sequential, components, orientation, hasProfile, hasJfif, adobe },
        ...{ quantisation, huffman, restartInterval, scan: segment, dataStart: end },
      };
    } else if (marker < MARKER.SOF0 || marker === MARKER.SOI || marker === MARKER.EOI) {
      return undefined;
    }
  }
  return undefined;
}

function readFrame(segment: Uint8Array, marker: number): Frame | undefined {
  const [precision = 0] = segment;
  const [height, width, count] = [u16(segment, 1), u16(segment, 3), segment[5] ?? 0];
  if (width === 0 || height === 0 || count === 0 || count > 4 || segment.length < 6 + count * 3)
    return undefined;
  const components = Array.from({ length: count }, (_, index): Component => {
    const [id = 0, factors = 0, table = 0] = segment.subarray(6 + index * 3);
    return { id, across: factors >> 4, down: factors & 15, quantisation: table };
  });
  if (components.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4))
    return undefined;
  const sequential = (marker === MARKER.SOF0 || marker === MARKER.SOF1) && precision === 8;
  return { precision, width, height, sequential, components };
}

/** As many as there are of each kind: more only replace others, and take time. */
const MOST_TABLES = { quantisation: 4, huffman: 8 } as const;

function readQuantisation(segment: Uint8Array, tables: Map<number, Uint16Array>): boolean {
  for (let at = 0, read = 0; at < segment.length; read += 1) {
    if (read === MOST_TABLES.quantisation) return false;
    const head = segment[at++] ?? 0;
    const size = head >> 4 === 0 ? 1 : 2;
    if (at + 64 * size > segment.length) return false;
    const table = new Uint16Array(64);
    for (let entry = 0; entry < 64; entry += 1, at += size) {
      table[entry] = size === 1 ? (segment[at] ?? 0) : u16(segment, at);
    }
    tables.set(head & 15, table);
  }
  return true;
}

function readHuffman(segment: Uint8Array, tables: Map<number, HuffmanTable>): boolean {
  for (let at = 0, read = 0; at < segment.length; read += 1) {
    if (read === MOST_TABLES.huffman) return false;
    const head = segment[at] ?? 0;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    at += 17;
    if (counts.length < 16 || total > 256 || at + total > segment.length) return false;
    tables.set(head, { counts, symbols: segment.subarray(at, at + total) });
    at += total;
  }
  return true;
}
