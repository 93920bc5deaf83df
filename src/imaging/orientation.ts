// EXIF orientation (EXIF 2.32, tag 0x0112): how the stored picture must be turned to be upright.
import type { Box, Raster, Size } from './raster.js';
import type { Steps } from './slices.js';

export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

interface Turn {
  /** Rows become columns. */
  readonly swap: boolean;
  /** In the stored picture: read columns from the right, rows from the bottom. */
  readonly fromRight: boolean;
  readonly fromBottom: boolean;
}

const turn = (swap: boolean, fromRight: boolean, fromBottom: boolean): Turn => ({
  swap,
  fromRight,
  fromBottom,
});

const TURNS: Record<Orientation, Turn> = {
  1: turn(false, false, false),
  2: turn(false, true, false),
  3: turn(false, true, true),
  4: turn(false, false, true),
  5: turn(true, false, false),
  6: turn(true, false, true),
  7: turn(true, true, true),
  8: turn(true, true, false),
};

export const isOrientation = (value: number | undefined): value is Orientation =>
  value !== undefined && Object.hasOwn(TURNS, value);

/** The size that the picture has once it is upright, and the other way round. */
export const turnedSize = ({ width, height }: Size, orientation: Orientation): Size =>
  TURNS[orientation].swap ? { width: height, height: width } : { width, height };

/** The same of a part in the middle of the picture: its distances from both edges are equal. */
export const turnedCrop = ({ left, top, width, height }: Box, orientation: Orientation): Box =>
  TURNS[orientation].swap
    ? { left: top, top: left, width: height, height: width }
    : { left, top, width, height };

const PIXELS_PER_STEP = 65_536;

export function* upright(raster: Raster, orientation: Orientation): Steps<Raster> {
  if (orientation === 1) return raster;
  const { swap, fromRight, fromBottom } = TURNS[orientation];
  const { channels, data } = raster;
  const { width, height } = turnedSize(raster, orientation);
  const turned = new Uint8Array(data.length);
  let to = 0;
  let pixels = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [column, row] = swap ? [y, x] : [x, y];
      const storedColumn = fromRight ? raster.width - 1 - column : column;
      const storedRow = fromBottom ? raster.height - 1 - row : row;
      const from = (storedRow * raster.width + storedColumn) * channels;
      for (let channel = 0; channel < channels; channel += 1) turned[to++] = data[from + channel] ?? 0;
    }
    pixels += width;
    if (pixels > PIXELS_PER_STEP) {
      pixels = 0;
      yield;
    }
  }
  return { width, height, channels, data: turned };
}
