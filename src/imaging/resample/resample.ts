// Resizing in two passes, columns then rows, in the fixed point of Pillow's Resample.c: the same bytes come out.
import type { ResizeKernel } from '../../contracts/model.js';
import type { Box, Channels, Raster, Size } from '../raster.js';
import type { Steps } from '../slices.js';
import { PRECISION_BITS, rememberCoefficients, type Coefficients } from './coefficients.js';
import { pickNearest } from './nearest.js';

export type Resample = (source: Raster, box: Box, size: Size, kernel: ResizeKernel) => Steps<Raster>;

export function createResampler(): Resample {
  const coefficients = rememberCoefficients();
  return function* resample(source, exactBox, size, kernel) {
    const box = inSinglePrecision(exactBox);
    if (kernel === 'nearest') return yield* pickNearest(source, box, size);
    const isWide = box.left !== 0 || box.width !== source.width || size.width !== source.width;
    const isHigh = box.top !== 0 || box.height !== source.height || size.height !== source.height;
    const horizontal = { length: source.width, start: box.left, extent: box.width, output: size.width };
    const vertical = { length: source.height, start: box.top, extent: box.height, output: size.height };
    const rows = coefficients({ kernel, ...vertical });
    // Only the rows that the second pass looks at.
    const firstRow = isHigh ? (rows.first[0] ?? 0) : 0;
    const lastRow = isHigh
      ? (rows.first[size.height - 1] ?? 0) + (rows.count[size.height - 1] ?? 0)
      : source.height;
    let narrowed = source;
    let offset = 0;
    if (isWide) {
      narrowed = yield* acrossColumns(source, coefficients({ kernel, ...horizontal }), size.width, {
        from: firstRow,
        to: lastRow,
      });
      offset = firstRow;
    }
    return isHigh ? yield* acrossRows(narrowed, rows, size.height, offset) : narrowed;
  };
}

/** Pillow holds the edges as C floats, which decides some of the last bits. */
export function inSinglePrecision({ left, top, width, height }: Box): Box {
  const [x, y] = [Math.fround(left), Math.fround(top)];
  return {
    left: x,
    top: y,
    width: Math.fround(Math.fround(left + width) - x),
    height: Math.fround(Math.fround(top + height) - y),
  };
}

const HALF = 1 << (PRECISION_BITS - 1);
/** Multiplications between two chances to stop: some hundred microseconds. */
const WORK_PER_STEP = 200_000;

const clip = (sum: number): number => {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

function* acrossColumns(
  source: Raster,
  { taps, first, count, weights }: Coefficients,
  width: number,
  rows: { readonly from: number; readonly to: number },
): Steps<Raster> {
  const { channels, data } = source;
  const height = rows.to - rows.from;
  const result = new Uint8Array(width * height * channels);
  const rowLength = source.width * channels;
  const one = ROW_PASSES[channels];
  const pass: RowPass = { data, result, taps, first, count, weights, width };
  let work = 0;
  for (let row = 0; row < height; row += 1) {
    one(pass, (rows.from + row) * rowLength, row * width * channels);
    work += width * taps * channels;
    if (work > WORK_PER_STEP) {
      work = 0;
      yield;
    }
  }
  return { width, height, channels, data: result };
}

interface RowPass extends Omit<Coefficients, 'packed'> {
  readonly data: Uint8Array;
  readonly result: Uint8Array;
  readonly width: number;
}

/** One row, by channels: sums in local variables are three times as fast as a loop over channels. */
const ROW_PASSES: Record<Channels, (pass: RowPass, from: number, to: number) => void> = {
  1: ({ data, result, taps, first, count, weights, width }, from, to) => {
    for (let column = 0; column < width; column += 1) {
      let at = from + (first[column] ?? 0);
      const start = column * taps;
      const end = start + (count[column] ?? 0);
      let sum = HALF;
      for (let tap = start; tap < end; tap += 1, at += 1) {
        sum += Math.imul(data[at] ?? 0, weights[tap] ?? 0);
      }
      result[to + column] = clip(sum);
    }
  },
  3: ({ data, result, taps, first, count, weights, width }, from, to) => {
    for (let column = 0; column < width; column += 1) {
      let at = from + (first[column] ?? 0) * 3;
      const start = column * taps;
      const end = start + (count[column] ?? 0);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let tap = start; tap < end; tap += 1, at += 3) {
        const weight = weights[tap] ?? 0;
        red += Math.imul(data[at] ?? 0, weight);
        green += Math.imul(data[at + 1] ?? 0, weight);
        blue += Math.imul(data[at + 2] ?? 0, weight);
      }
      result[to] = clip(red);
      result[to + 1] = clip(green);
      result[to + 2] = clip(blue);
      to += 3;
    }
  },
  4: ({ data, result, taps, first, count, weights, width }, from, to) => {
    for (let column = 0; column < width; column += 1) {
      let at = from + (first[column] ?? 0) * 4;
      const start = column * taps;
      const end = start + (count[column] ?? 0);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let opacity = HALF;
      for (let tap = start; tap < end; tap += 1, at += 4) {
        const weight = weights[tap] ?? 0;
        red += Math.imul(data[at] ?? 0, weight);
        green += Math.imul(data[at + 1] ?? 0, weight);
        blue += Math.imul(data[at + 2] ?? 0, weight);
        opacity += Math.imul(data[at + 3] ?? 0, weight);
      }
      result[to] = clip(red);
      result[to + 1] = clip(green);
      result[to + 2] = clip(blue);
      result[to + 3] = clip(opacity);
      to += 4;
    }
  },
};

/** `offset`: which row of the picture the source begins with. */
function* acrossRows(
  source: Raster,
  { taps, first, count, weights }: Coefficients,
  height: number,
  offset: number,
): Steps<Raster> {
  const { width, channels, data } = source;
  const rowLength = width * channels;
  const result = new Uint8Array(height * rowLength);
  const sums = new Int32Array(rowLength);
  let work = 0;
  for (let row = 0; row < height; row += 1) {
    sums.fill(HALF);
    const used = count[row] ?? 0;
    for (let tap = 0; tap < used; tap += 1) {
      const weight = weights[row * taps + tap] ?? 0;
      const from = ((first[row] ?? 0) - offset + tap) * rowLength;
      for (let at = 0; at < rowLength; at += 1) {
        sums[at] = (sums[at] ?? 0) + Math.imul(data[from + at] ?? 0, weight);
      }
    }
    const to = row * rowLength;
    for (let at = 0; at < rowLength; at += 1) result[to + at] = clip(sums[at] ?? 0);
    work += rowLength * taps;
    if (work > WORK_PER_STEP) {
      work = 0;
      yield;
    }
  }
  return { width, height, channels, data: result };
}
