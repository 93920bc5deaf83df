// Pictures as numbers, for the protocols that send tensors.
import sharp from 'sharp';

export const SIDE = 28;

/** 28 x 28 grey pixels of a PNG. */
export async function pixelsOf(png: Buffer): Promise<Uint8Array> {
  return Uint8Array.from(await sharp(png).greyscale().raw().toBuffer());
}

/** Pixels, or those divided by 255, as rows of one-channel pixels. */
export const rowsOf = (values: ArrayLike<number>): readonly (readonly (readonly number[])[])[] =>
  Array.from({ length: SIDE }, (_, row) =>
    Array.from({ length: SIDE }, (__, column) => [values[row * SIDE + column] ?? NaN]),
  );

/** As the digits model was trained. */
export const scaled = (pixels: Uint8Array): Float32Array => Float32Array.from(pixels, (value) => value / 255);
