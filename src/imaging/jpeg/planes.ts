// From the planes of a JPEG to pixels: chroma is enlarged and turned to RGB as libjpeg does it (jdsample.c, jdcolor.c).
import type { Raster } from '../raster.js';

export interface Plane {
  /** Samples that belong to the picture; the blocks at its edges hold more. */
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

/** "Fancy" upsampling: three parts of the nearer sample, one of the next; of narrower planes it makes plain copies. */
export const NARROWEST = 3;

/** One row, twice as wide (h2v1_fancy_upsample). */
function widen(from: Uint8Array, start: number, width: number, to: Uint8Array): void {
  to[0] = from[start] ?? 0;
  to[1] = ((from[start] ?? 0) * 3 + (from[start + 1] ?? 0) + 2) >> 2;
  for (let column = 1; column < width - 1; column += 1) {
    const at = start + column;
    const here = (from[at] ?? 0) * 3;
    to[column * 2] = (here + (from[at - 1] ?? 0) + 1) >> 2;
    to[column * 2 + 1] = (here + (from[at + 1] ?? 0) + 2) >> 2;
  }
  const last = start + width - 1;
  to[width * 2 - 2] = ((from[last] ?? 0) * 3 + (from[last - 1] ?? 0) + 1) >> 2;
  to[width * 2 - 1] = from[last] ?? 0;
}

/** One row of a plane that is half as wide and half as high (h2v2_fancy_upsample). */
function widenBoth(plane: Plane, row: number, sums: Int32Array, to: Uint8Array): void {
  const { width, height, stride, data } = plane;
  const near = row >> 1;
  const wanted = row % 2 === 0 ? near - 1 : near + 1;
  const next = Math.min(height - 1, Math.max(0, wanted));
  for (let column = 0; column < width; column += 1) {
    sums[column] = (data[near * stride + column] ?? 0) * 3 + (data[next * stride + column] ?? 0);
  }
  to[0] = ((sums[0] ?? 0) * 4 + 8) >> 4;
  to[1] = ((sums[0] ?? 0) * 3 + (sums[1] ?? 0) + 7) >> 4;
  for (let column = 1; column < width - 1; column += 1) {
    const here = (sums[column] ?? 0) * 3;
    to[column * 2] = (here + (sums[column - 1] ?? 0) + 8) >> 4;
    to[column * 2 + 1] = (here + (sums[column + 1] ?? 0) + 7) >> 4;
  }
  const last = sums[width - 1] ?? 0;
  to[width * 2 - 2] = (last * 3 + (sums[width - 2] ?? 0) + 8) >> 4;
  to[width * 2 - 1] = (last * 4 + 7) >> 4;
}

export type Subsampling = '1x1' | '2x1' | '2x2';

const CHROMA_ROW: Record<Subsampling, (plane: Plane, row: number, sums: Int32Array, to: Uint8Array) => void> =
  {
    '1x1': ({ data, stride, width }, row, _sums, to) =>
      to.set(data.subarray(row * stride, row * stride + width)),
    '2x1': ({ data, stride, width }, row, _sums, to) => widen(data, row * stride, width, to),
    '2x2': widenBoth,
  };

const FIXED = (factor: number): number => Math.trunc(factor * 65536 + 0.5);
const table = (make: (chroma: number) => number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, at) => make(at - 128));

const RED_OF_CR = table((cr) => (FIXED(1.402) * cr + 32768) >> 16);
const BLUE_OF_CB = table((cb) => (FIXED(1.772) * cb + 32768) >> 16);
const GREEN_OF_CR = table((cr) => -FIXED(0.71414) * cr);
const GREEN_OF_CB = table((cb) => -FIXED(0.34414) * cb + 32768);

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

export function toRgb(luma: Plane, cb: Plane, cr: Plane, subsampling: Subsampling): Raster {
  const { width, height } = luma;
  const data = new Uint8Array(width * height * 3);
  const cbRow = new Uint8Array(cb.width * 2);
  const crRow = new Uint8Array(cr.width * 2);
  const sums = new Int32Array(cb.width);
  const chromaRow = CHROMA_ROW[subsampling];
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    chromaRow(cb, row, sums, cbRow);
    chromaRow(cr, row, sums, crRow);
    const start = row * luma.stride;
    for (let column = 0; column < width; column += 1, to += 3) {
      const y = luma.data[start + column] ?? 0;
      const blue = cbRow[column] ?? 0;
      const red = crRow[column] ?? 0;
      data[to] = clamp(y + (RED_OF_CR[red] ?? 0));
      data[to + 1] = clamp(y + (((GREEN_OF_CB[blue] ?? 0) + (GREEN_OF_CR[red] ?? 0)) >> 16));
      data[to + 2] = clamp(y + (BLUE_OF_CB[blue] ?? 0));
    }
  }
  return { width, height, channels: 3, data };
}

export function toGrey({ width, height, stride, data: samples }: Plane): Raster {
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    data.set(samples.subarray(row * stride, row * stride + width), row * width);
  }
  return { width, height, channels: 1, data };
}
