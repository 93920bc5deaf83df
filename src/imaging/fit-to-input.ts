// From a picture to the pixels that a model takes: turned upright, in its channels, resized, framed, inverted.
import type { ImageInput } from '../contracts/model.js';
import { toChannels } from './channels.js';
import { applyInvert, frameShade } from './invert.js';
import { premultiply, unpremultiply } from './opacity.js';
import { upright, type Orientation } from './orientation.js';
import { place, type Placement } from './placement.js';
import type { Box, Raster, Size } from './raster.js';
import type { Resample } from './resample/resample.js';
import type { Steps } from './slices.js';

export interface Stored {
  /** The picture, or what is left of it after it was shrunk on its way here; in memory of its own, which may be changed. */
  readonly raster: Raster;
  readonly orientation: Orientation;
  /** How large the upright picture is in truth, and which part of it the raster shows; all of it if not given. */
  readonly shrunk?: { readonly size: Size; readonly shows: Box } | undefined;
}

export type FitToInput = (stored: Stored, input: ImageInput) => Steps<Uint8Array>;

export const createFitter = (resample: Resample): FitToInput =>
  function* fitToInput({ raster, orientation, shrunk }, input) {
    const turned = yield* upright(raster, orientation);
    const size = shrunk?.size ?? turned;
    const placement = place(size, input, input.resize.fit);
    const shows = shrunk?.shows ?? { left: 0, top: 0, width: size.width, height: size.height };
    const crop = within(placement.crop, shows, turned);
    const resized = yield* resizeAsSeen(turned, crop, placement.size, input, resample);
    applyInvert(resized.data, { ...resized, channels: input.channels }, input.invert);
    return framed(resized, placement, input);
  };

/** Where a part of the true picture lies in the raster that shows it. */
function within(crop: Box, shows: Box, { width, height }: Size): Box {
  const across = width / shows.width;
  const down = height / shows.height;
  const left = (crop.left - shows.left) * across;
  const top = (crop.top - shows.top) * down;
  // Rounding must not reach outside.
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(crop.width * across, width - Math.max(0, left)),
    height: Math.min(crop.height * down, height - Math.max(0, top)),
  };
}

/** In the channels of the model, as what is seen is what is mixed. */
function* resizeAsSeen(
  picture: Raster,
  crop: Box,
  size: Size,
  { channels, background, resize: { kernel } }: ImageInput,
  resample: Resample,
): Steps<Raster> {
  if (kernel === 'nearest') {
    // Nothing is mixed, and a large picture has far more pixels than are picked.
    return toChannels(yield* resample(picture, crop, size, kernel), channels, background);
  }
  const seen = toChannels(picture, channels, background);
  if (channels !== 4) return yield* resample(seen, crop, size, kernel);
  // As Pillow does it: there and back again loses what is nearly transparent.
  if (isWhole(crop, seen) && isWhole(crop, size)) return seen;
  return unpremultiply(yield* resample(premultiply(seen), crop, size, kernel));
}

const isWhole = ({ left, top, width, height }: Box, size: Size): boolean =>
  left === 0 && top === 0 && width === size.width && height === size.height;

function framed(picture: Raster, { left, top }: Placement, input: ImageInput): Uint8Array {
  const { height, width, channels } = input;
  if (picture.width === width && picture.height === height) return picture.data;
  const frame = new Uint8Array(height * width * channels).fill(frameShade(input.background, input.invert));
  if (channels === 4) for (let at = 3; at < frame.length; at += 4) frame[at] = 255;
  const rowLength = picture.width * channels;
  for (let row = 0; row < picture.height; row += 1) {
    const from = row * rowLength;
    frame.set(picture.data.subarray(from, from + rowLength), ((top + row) * width + left) * channels);
  }
  return frame;
}
