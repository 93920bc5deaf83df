// Small JPEGs without libvips, whose fixed cost is many times that of their pixels. Agrees with libjpeg-turbo exactly.
import type { Orientation } from '../orientation.js';
import type { Raster } from '../raster.js';
import { BitReader, DamagedScan, makeDecoder, type Decoder } from './huffman.js';
import { inverseDct } from './inverse-dct.js';
import { NARROWEST, toGrey, toRgb, type Plane, type Subsampling } from './planes.js';
import { plainChannels } from './plain.js';
import { readSegments, type Component, type JpegHeader } from './segments.js';

export interface DecodedJpeg {
  readonly raster: Raster;
  readonly orientation: Orientation;
}

/**
 * Undefined for what is progressive, in other colours than grey and YCbCr, rarely subsampled, or damaged: libvips then
 * decodes it, or says what is wrong.
 */
export function decodeJpeg(bytes: Uint8Array): DecodedJpeg | undefined {
  const header = readSegments(bytes);
  if (header === undefined || plainChannels(header) === undefined) return undefined;
  const subsampling = subsamplingOf(header.components);
  if (subsampling === undefined) return undefined;
  const scan = makeScan(header, subsampling);
  if (scan === undefined) return undefined;
  try {
    readScan(bytes, header, scan);
  } catch (error) {
    if (error instanceof DamagedScan) return undefined;
    throw error;
  }
  const [luma, cb, cr] = scan.map(({ plane }) => plane);
  if (luma === undefined) return undefined;
  const raster = cb === undefined || cr === undefined ? toGrey(luma) : toRgb(luma, cb, cr, subsampling);
  return { raster, orientation: header.orientation };
}

function subsamplingOf([luma, cb, cr]: readonly Component[]): Subsampling | undefined {
  if (luma === undefined) return undefined;
  // A scan of one component has no factors (A.2.2).
  if (cb === undefined || cr === undefined) return '1x1';
  if (cb.across !== 1 || cb.down !== 1 || cr.across !== 1 || cr.down !== 1) return undefined;
  const factors = `${luma.across}x${luma.down}`;
  return factors === '1x1' || factors === '2x1' || factors === '2x2' ? factors : undefined;
}

interface ScanComponent {
  readonly plane: Plane;
  readonly across: number;
  readonly down: number;
  readonly quantisation: Uint16Array;
  readonly dc: Decoder;
  readonly ac: Decoder;
}

/** Planes of whole blocks, and the tables of each component; undefined where some are missing. */
function makeScan(header: JpegHeader, subsampling: Subsampling): readonly ScanComponent[] | undefined {
  const { components, scan, quantisation, huffman } = header;
  const count = components.length;
  const selectors = scan.subarray(1);
  const isSingle = count === 1;
  const mostAcross = isSingle || subsampling === '1x1' ? 1 : 2;
  const mostDown = isSingle || subsampling !== '2x2' ? 1 : 2;
  const unitsAcross = Math.ceil(header.width / (8 * mostAcross));
  const unitsDown = Math.ceil(header.height / (8 * mostDown));
  const made: ScanComponent[] = [];
  for (const [at, component] of components.entries()) {
    const tables = selectors[at * 2 + 1] ?? 0;
    const dcTable = huffman.get(tables >> 4);
    const acTable = huffman.get(0x10 | (tables & 15));
    const dc = dcTable && makeDecoder(dcTable);
    const ac = acTable && makeDecoder(acTable);
    const table = quantisation.get(component.quantisation);
    if (selectors[at * 2] !== component.id || dc === undefined || ac === undefined || table === undefined) {
      return undefined;
    }
    const across = isSingle ? 1 : component.across;
    const down = isSingle ? 1 : component.down;
    const width = Math.ceil((header.width * across) / mostAcross);
    const height = Math.ceil((header.height * down) / mostDown);
    if (across !== mostAcross && width < NARROWEST) return undefined;
    const stride = unitsAcross * across * 8;
    const data = new Uint8Array(stride * unitsDown * down * 8);
    made.push({ plane: { width, height, stride, data }, across, down, quantisation: table, dc, ac });
  }
  return made;
}

function readScan(bytes: Uint8Array, header: JpegHeader, scan: readonly ScanComponent[]): void {
  const reader = new BitReader(bytes, header.dataStart);
  const [first] = scan;
  if (first === undefined) return;
  const unitsAcross = first.plane.stride / (8 * first.across);
  const units = (unitsAcross * first.plane.data.length) / first.plane.stride / (8 * first.down);
  const before = new Int32Array(scan.length);
  const block = new Int32Array(64);
  for (let unit = 0; unit < units; unit += 1) {
    if (header.restartInterval > 0 && unit > 0 && unit % header.restartInterval === 0) {
      const expected = 0xd0 + ((unit / header.restartInterval - 1) & 7);
      if (reader.marker() !== expected) throw new DamagedScan('a restart marker is missing');
      before.fill(0);
    }
    const column = unit % unitsAcross;
    const row = (unit - column) / unitsAcross;
    for (const [index, component] of scan.entries()) {
      const { plane, across, down } = component;
      for (let y = 0; y < down; y += 1) {
        for (let x = 0; x < across; x += 1) {
          before[index] = readBlock(reader, component, before[index] ?? 0, block);
          const at = (row * down + y) * 8 * plane.stride + (column * across + x) * 8;
          inverseDct(block, plane.data, at, plane.stride);
        }
      }
    }
  }
  if (reader.marker() !== END_OF_IMAGE) throw new DamagedScan('there is another scan');
}

const END_OF_IMAGE = 0xd9;

/** Where the coefficients lie in their block, in the order of the file (figure A.6). */
const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6],
  ...[7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31],
  ...[39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

/** Dequantised, into `block`; returns the DC value, to which the next block's is relative. */
function readBlock(
  reader: BitReader,
  { dc, ac, quantisation }: ScanComponent,
  before: number,
  block: Int32Array,
): number {
  block.fill(0);
  const length = reader.symbol(dc);
  if (length > 15) throw new DamagedScan('no such difference');
  const value = before + (length === 0 ? 0 : reader.signed(length));
  block[0] = value * (quantisation[0] ?? 0);
  for (let at = 1; at < 64; at += 1) {
    const symbol = reader.symbol(ac);
    const bits = symbol & 15;
    const zeroes = symbol >> 4;
    if (bits === 0) {
      if (zeroes !== 15) break;
      at += 15;
      continue;
    }
    at += zeroes;
    if (at > 63) throw new DamagedScan('a block is too long');
    block[ZIGZAG[at] ?? 0] = reader.signed(bits) * (quantisation[at] ?? 0);
  }
  return value;
}
