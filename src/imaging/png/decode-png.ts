// Small PNGs without libvips, whose fixed cost is many times that of their pixels.
import { inflateSync } from 'node:zlib';
import type { InflateRows } from '../../contracts/native-decoders.js';
import type { Orientation } from '../orientation.js';
import type { Raster } from '../raster.js';
import { readFile, type ColourType, type PngFile } from './chunks.js';
import { unfilter } from './unfilter.js';

const SAMPLES: Record<ColourType, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface DecodedPng {
  readonly raster: Raster;
  readonly orientation: Orientation;
}

/** Undefined for what is damaged, interlaced or carries a profile: libvips then decodes it, or says what is wrong. */
export type DecodePng = (bytes: Uint8Array) => DecodedPng | undefined;

/** Where filtered rows lie until they are plain. Those of a larger picture get memory of their own. */
const FILTERED = new Uint8Array(256 * 1024);

export function createPngDecoder(inflateRows?: InflateRows): DecodePng {
  return function decodePng(bytes) {
    const file = readFile(bytes);
    if (file === undefined || file.interlaced) return undefined;
    const { width, height, depth, colourType } = file;
    const bitsPerPixel = SAMPLES[colourType] * depth;
    const rowLength = Math.ceil((width * bitsPerPixel) / 8);
    const length = height * (rowLength + 1);
    const filtered = length > FILTERED.length ? new Uint8Array(length) : FILTERED.subarray(0, length);
    if (!(inflateRows?.(file.data, filtered) ?? inflateByNode(file.data, filtered))) return undefined;
    const rows = unfilter(filtered, height, rowLength, Math.max(1, bitsPerPixel >> 3));
    const raster = rows && PIXELS[colourType]({ file, rows, rowLength });
    return raster && { raster, orientation: file.orientation };
  };
}

/** Never makes more than the header announced, whatever the data would swell to. */
function inflateByNode(data: Uint8Array, rows: Uint8Array): boolean {
  try {
    const found = inflateSync(data, { maxOutputLength: rows.length, chunkSize: Math.max(64, rows.length) });
    if (found.length !== rows.length) return false;
    rows.set(found);
    return true;
  } catch {
    return false;
  }
}

interface Rows {
  readonly file: PngFile;
  readonly rows: Uint8Array;
  readonly rowLength: number;
}

const PIXELS: Record<ColourType, (rows: Rows) => Raster | undefined> = {
  0: (rows) => (rows.file.transparency === undefined ? grey(rows) : colours(rows)),
  2: colours,
  3: fromPalette,
  4: colours,
  6: colours,
};

function grey(picture: Rows): Raster {
  const { width, height, depth } = picture.file;
  if (depth === 8) return { width, height, channels: 1, data: picture.rows };
  const data = new Uint8Array(width * height);
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) data[to++] = sample(picture, row, column) * scale;
  }
  return { width, height, channels: 1, data };
}

/** The sample as it stands; of 16 bits the upper 8, as libpng and Pillow take them. */
function sample({ file: { depth }, rows, rowLength }: Rows, row: number, index: number): number {
  const start = row * rowLength;
  if (depth === 16) return rows[start + index * 2] ?? 0;
  if (depth === 8) return rows[start + index] ?? 0;
  const bit = index * depth;
  return ((rows[start + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** Three channels, or four where there is opacity of any kind. */
function colours(picture: Rows): Raster | undefined {
  const { width, height, depth, colourType, transparency } = picture.file;
  const samples = SAMPLES[colourType];
  const isGrey = samples < 3;
  const hasOpacity = samples === 2 || samples === 4;
  if (transparency !== undefined && (hasOpacity || transparency.length < samples * 2)) return undefined;
  const channels = hasOpacity || transparency !== undefined ? 4 : 3;
  if (depth === 8 && samples === channels) return { width, height, channels, data: picture.rows };
  const data = new Uint8Array(width * height * channels);
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = column * samples;
      for (let channel = 0; channel < 3; channel += 1) {
        data[to++] = sample(picture, row, isGrey ? at : at + channel) * scale;
      }
      if (channels === 4)
        data[to++] = hasOpacity ? sample(picture, row, at + samples - 1) : opacity(picture, row, at);
    }
  }
  return { width, height, channels, data };
}

/** tRNS names one colour that is invisible; it is compared in full depth. */
function opacity(picture: Rows, row: number, at: number): number {
  const { file, rows, rowLength } = picture;
  const { transparency = new Uint8Array(), depth, colourType } = file;
  for (let channel = 0; channel < SAMPLES[colourType]; channel += 1) {
    const [upper = 0, lower = 0] = transparency.subarray(channel * 2, channel * 2 + 2);
    const mask = (1 << depth) - 1;
    const named = ((upper << 8) | lower) & mask;
    let found = sample(picture, row, at + channel);
    if (depth === 16) found = (found << 8) | (rows[row * rowLength + 1 + (at + channel) * 2] ?? 0);
    if (found !== named) return 255;
  }
  return 0;
}

function fromPalette(rows: Rows): Raster | undefined {
  const { width, height, palette, transparency } = rows.file;
  if (palette === undefined || palette.length === 0 || palette.length % 3 !== 0) return undefined;
  const entries = palette.length / 3;
  const channels = transparency === undefined ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const index = sample(rows, row, column);
      if (index >= entries) return undefined;
      data[to++] = palette[index * 3] ?? 0;
      data[to++] = palette[index * 3 + 1] ?? 0;
      data[to++] = palette[index * 3 + 2] ?? 0;
      if (channels === 4) data[to++] = transparency?.[index] ?? 255;
    }
  }
  return { width, height, channels, data };
}
