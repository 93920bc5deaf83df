// Pictures that the digits model has no doubt about, drawn and not taken from a data set.
import sharp from 'sharp';

const SIDE = 28;

const draw = (isInk: (row: number, column: number) => boolean): Promise<Buffer> => {
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, at) =>
    isInk(Math.floor(at / SIDE), at % SIDE) ? 255 : 0,
  );
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png()
    .toBuffer();
};

/** A ring, white on black, as a 28 x 28 PNG. */
export const zero = (): Promise<Buffer> =>
  draw((row, column) => {
    const radius = Math.hypot((row - 13.5) / 1.25, column - 13.5);
    return radius > 5 && radius < 8;
  });

/** An upright bar, white on black, as a 28 x 28 PNG. */
export const one = (): Promise<Buffer> =>
  draw((row, column) => row >= 4 && row < 24 && column >= 12 && column < 16);
