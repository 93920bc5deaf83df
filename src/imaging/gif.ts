// What a GIF says of its first frame (GIF89a, sections 18 to 23). Where that does not fill the canvas and nothing is
// transparent, the rest is the first colour of the palette, as Pillow has it; libvips leaves it black.
import type { Box, Raster } from './raster.js';
import type { Steps } from './slices.js';

type Colour = readonly [red: number, green: number, blue: number];

export interface Surround {
  readonly frame: Box;
  readonly colour: Colour;
}

const HEADER_LENGTH = 13;
const BLOCK = { extension: 0x21, image: 0x2c } as const;
const GRAPHIC_CONTROL = 0xf9;
/** In front of the first frame. Comments may be long, and no file may keep others waiting. */
const MOST_BLOCKS = 16_384;

/** Undefined where the frame fills the canvas, where what is around it is transparent, and for what is damaged. */
export function readSurround(bytes: Uint8Array): Surround | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const canvas = { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  let at = HEADER_LENGTH + paletteLength(bytes[10]);
  for (let blocks = 0; blocks < MOST_BLOCKS && bytes[at] === BLOCK.extension;) {
    if (bytes[at + 1] === GRAPHIC_CONTROL && ((bytes[at + 3] ?? 0) & 1) === 1) return undefined;
    at += 2;
    for (let length = bytes[at] ?? 0; length > 0 && blocks < MOST_BLOCKS; blocks += 1) {
      at += 1 + length;
      length = bytes[at] ?? 0;
    }
    at += 1;
    blocks += 1;
  }
  if (bytes[at] !== BLOCK.image || at + 10 > bytes.length) return undefined;
  const [left, top] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)];
  const frame = { left, top, width: view.getUint16(at + 5, true), height: view.getUint16(at + 7, true) };
  const isFilled = left === 0 && top === 0 && frame.width >= canvas.width && frame.height >= canvas.height;
  const hasOwnPalette = paletteLength(bytes[at + 9]) > 0;
  if (isFilled || !(hasOwnPalette || paletteLength(bytes[10]) > 0)) return undefined;
  const palette = hasOwnPalette ? at + 10 : HEADER_LENGTH;
  const [red = 0, green = 0, blue = 0] = bytes.subarray(palette, palette + 3);
  return { frame, colour: [red, green, blue] };
}

/** In bytes. */
const paletteLength = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));

/** In place. Where libvips does not believe in so large a canvas, it ends with the frame. */
export function* fillSurround(raster: Raster, { frame, colour }: Surround): Steps<Raster> {
  const { width, height, channels, data } = raster;
  const row = Uint8Array.from({ length: width * channels }, (_, at) => colour[at % channels] ?? 255);
  const [from, to] = [Math.min(width, frame.left), Math.min(width, frame.left + frame.width)];
  for (let y = 0; y < height; y += 1) {
    const start = y * width * channels;
    if (y < frame.top || y >= frame.top + frame.height) {
      data.set(row, start);
    } else {
      data.set(row.subarray(0, from * channels), start);
      data.set(row.subarray(to * channels), start + to * channels);
    }
    yield;
  }
  return raster;
}
