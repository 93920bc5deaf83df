// Plain JPEGs of usual sizes, where the native decoder is there: in a third of libvips's time, and as Pillow resizes, to
// the last bit.
import type { ShrinkJpeg } from '../../contracts/native-decoders.js';
import { turnedCrop, turnedSize } from '../orientation.js';
import type { Stored } from '../fit-to-input.js';
import type { LargePicture } from '../libvips.js';
import { place } from '../placement.js';
import { rememberCoefficients } from '../resample/coefficients.js';
import { inSinglePrecision } from '../resample/resample.js';

/** Resolves with undefined for what libvips is to decode, or to say what is wrong with. */
export type DecodePlainJpeg = (picture: LargePicture) => Promise<Stored | undefined>;

/** Of larger ones, libvips has its decoder leave out most pixels, and is as fast. */
const MOST_PIXELS = 2_000_000;

export function createJpegDecoder(shrinkJpeg: ShrinkJpeg): DecodePlainJpeg {
  const coefficients = rememberCoefficients();

  return async function decodePlainJpeg({ bytes, facts, input }) {
    const { width, height, orientation, plainJpeg: channels } = facts;
    const { kernel, fit } = input.resize;
    if (channels === undefined || kernel === 'nearest' || width * height > MOST_PIXELS) return undefined;
    const upright = turnedSize(facts, orientation);
    const { crop, size } = place(upright, input, fit);
    const wanted = turnedSize(size, orientation);
    const box = inSinglePrecision(turnedCrop(crop, orientation));
    const across = { kernel, length: width, start: box.left, extent: box.width, output: wanted.width };
    const down = { kernel, length: height, start: box.top, extent: box.height, output: wanted.height };
    const data = new Uint8Array(wanted.width * wanted.height * channels);
    const isDone = await shrinkJpeg(
      bytes,
      Int32Array.of(width, height, channels),
      coefficients(across).packed,
      coefficients(down).packed,
      data,
    );
    if (!isDone) return undefined;
    return { raster: { ...wanted, channels, data }, orientation, shrunk: { size: upright, shows: crop } };
  };
}
