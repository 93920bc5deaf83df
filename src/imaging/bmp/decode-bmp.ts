// Bitmaps, which libvips does not read. Rows at a time, because a large one takes long.
import { BmpFault, type BmpHeader, type Masks } from './header.js';
import type { Raster } from '../raster.js';
import { expandRuns } from './run-lengths.js';
import type { Steps } from '../slices.js';

/** Throws a BmpFault where the file is damaged. */
export function* decodeBmp(bytes: Uint8Array, header: BmpHeader): Steps<Raster> {
  const { width, height, bits, coding } = header;
  const rowLength = Math.ceil((width * bits) / 32) * 4;
  if (coding !== 'plain') {
    const indices = yield* expandRuns(bytes, header);
    return yield* readRows({ ...header, bits: 8 }, indices, 0, width);
  }
  // The padding of the last row may be missing.
  const least = rowLength * (height - 1) + Math.ceil((width * bits) / 8);
  if (header.dataStart + least > bytes.length) throw new BmpFault('the pixels are cut off');
  return yield* readRows(header, bytes, header.dataStart, rowLength);
}

const PIXELS_PER_STEP = 16_384;

function* readRows(header: BmpHeader, bytes: Uint8Array, start: number, rowLength: number): Steps<Raster> {
  const { width, height, topDown, bits, masks } = header;
  const channels = bits > 8 && masks.alpha !== 0 ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const readRow =
    bits <= 8 ? indexedRow(header) : bits === 24 ? plainRow : maskedRow(masks, bits === 16 ? 2 : 4);
  let pixels = 0;
  for (let row = 0; row < height; row += 1) {
    const from = start + (topDown ? row : height - 1 - row) * rowLength;
    readRow(bytes, from, data, row * width * channels, width);
    pixels += width;
    if (pixels >= PIXELS_PER_STEP) {
      pixels = 0;
      yield;
    }
  }
  return { width, height, channels, data };
}

type ReadRow = (bytes: Uint8Array, from: number, data: Uint8Array, to: number, width: number) => void;

const plainRow: ReadRow = (bytes, from, data, to, width) => {
  for (const end = to + width * 3; to < end; to += 3, from += 3) {
    data[to] = bytes[from + 2] ?? 0;
    data[to + 1] = bytes[from + 1] ?? 0;
    data[to + 2] = bytes[from] ?? 0;
  }
};

const indexedRow = ({ bits, palette }: BmpHeader): ReadRow => {
  const mask = (1 << bits) - 1;
  return (bytes, from, data, to, width) => {
    for (let column = 0; column < width; column += 1, to += 3) {
      const bit = column * bits;
      const index = ((bytes[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask;
      data[to] = palette[index * 3] ?? 0;
      data[to + 1] = palette[index * 3 + 1] ?? 0;
      data[to + 2] = palette[index * 3 + 2] ?? 0;
    }
  };
};

const maskedRow = ({ red, green, blue, alpha }: Masks, bytesPerPixel: 2 | 4): ReadRow => {
  const parts = [red, green, blue, ...(alpha === 0 ? [] : [alpha])].map(field);
  return (bytes, from, data, to, width) => {
    for (let column = 0; column < width; column += 1, from += bytesPerPixel) {
      let pixel = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
      if (bytesPerPixel === 4) pixel |= ((bytes[from + 2] ?? 0) << 16) | ((bytes[from + 3] ?? 0) << 24);
      for (const { shift, most } of parts) {
        data[to++] = most === 0 ? 0 : Math.trunc((((pixel >>> shift) & most) * 255) / most);
      }
    }
  };
};

/** Where a colour lies in its pixel, and the largest value it can have. Of more than 8 bits, the upper 8 count. */
function field(mask: number): { readonly shift: number; readonly most: number } {
  if (mask === 0) return { shift: 0, most: 0 };
  const low = 31 - Math.clz32(mask & -mask);
  const high = 32 - Math.clz32(mask);
  const bits = Math.min(8, high - low);
  return { shift: high - bits, most: (1 << bits) - 1 };
}
