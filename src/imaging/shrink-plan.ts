// What libvips is asked for: no more pixels than needed, and enough that the result agrees with Pillow's.
//
// Shrinking by up to four, libvips agrees. Beyond that it averages blocks first and is off by a fraction of a pixel, so
// it is then asked for four times the size wanted, and for that once more. It crops whole pixels only, and when it
// enlarges it is off by half a pixel: both are done here, on the few pixels that are left.
import type { ImageInput, ResizeKernel } from '../contracts/model.js';
import { turnedCrop, turnedSize, type Orientation } from './orientation.js';
import { place } from './placement.js';
import type { Box, Size } from './raster.js';

export interface ShrinkPass {
  readonly size: Size;
  readonly kernel: ResizeKernel;
}

export interface ShrinkSteps {
  /** As the file stores the picture. Undefined: all of it. */
  readonly crop: Box | undefined;
  /** As the file stores it, one after the other. None: as many pixels as there are. */
  readonly passes: readonly ShrinkPass[];
}

export interface ShrinkPlan extends ShrinkSteps {
  /** What part of the upright picture is left. */
  readonly shows: Box;
}

export const WHOLE: ShrinkSteps = { crop: undefined, passes: [] };

export interface Shrinkable extends Size {
  readonly orientation: Orientation;
  /** Whether the decoder can shrink by itself, as that of JPEG. */
  readonly shrinksOnLoad: boolean;
}

/** Pictures up to this size are always resized here, so that it does not matter who decoded them. */
export const SMALL = 16_384;
/** The same, where libvips would not agree with Pillow. Takes a millisecond or two. */
const RESIZED_HERE = 65_536;
const EXACT_FACTOR = 4;
const MOST_MULTIPLE = 8;

export function planShrink(picture: Shrinkable, input: ImageInput): ShrinkPlan {
  const { orientation } = picture;
  const { kernel, fit } = input.resize;
  const upright = turnedSize(picture, orientation);
  const { crop, size } = place(upright, input, fit);
  const isDeep = Math.max(crop.width / size.width, crop.height / size.height) > EXACT_FACTOR;
  const room = Math.floor(Math.sqrt(RESIZED_HERE / (size.width * size.height)));
  const endsInLibvips = isDeep && room < EXACT_FACTOR;
  // Where much is shrunk, half a pixel of the large picture is next to nothing.
  const used = endsInLibvips ? nearestPixels(crop) : wholePixels(crop);
  const isCutThrough = !isDeep && (used.left !== crop.left || used.top !== crop.top);
  const kept = isDeep || isCutThrough ? RESIZED_HERE : SMALL;
  if (picture.width * picture.height <= kept || kernel === 'nearest') {
    return { crop: undefined, passes: [], shows: { left: 0, top: 0, ...upright } };
  }
  const shrunk = (times: number): Size =>
    turnedSize(
      {
        width: Math.min(used.width, size.width * times),
        height: Math.min(used.height, size.height * times),
      },
      orientation,
    );
  const isAll = used.width === upright.width && used.height === upright.height;
  return {
    crop: isAll ? undefined : turnedCrop(used, orientation),
    passes: isCutThrough ? [] : passes(picture, { kernel, isDeep, room, shrunk }),
    shows: endsInLibvips ? crop : used,
  };
}

interface Wanted {
  readonly kernel: ResizeKernel;
  readonly isDeep: boolean;
  /** How many times the size wanted can still be resized here. */
  readonly room: number;
  readonly shrunk: (times: number) => Size;
}

function passes(picture: Shrinkable, { kernel, isDeep, room, shrunk }: Wanted): readonly ShrinkPass[] {
  const last = { size: shrunk(1), kernel };
  if (!isDeep) return [last];
  const first = (times: number): ShrinkPass => ({ size: shrunk(times), kernel: 'bicubic' });
  if (room >= EXACT_FACTOR) return [first(Math.min(room, MOST_MULTIPLE))];
  // Large photographs are worth the decoder's own shrinking, which is three times as fast.
  return picture.shrinksOnLoad && losesLittle(picture, last.size) ? [last] : [first(EXACT_FACTOR), last];
}

/** In pixels of the result, what may be missing at the right and at the bottom. */
const MOST_LOST = 0.125;

/** Shrinking by `block`, the JPEG decoder leaves out what does not fill a block; sharp lets it do half of the work. */
function losesLittle(picture: Size, wanted: Size): boolean {
  const [across, down] = [picture.width / wanted.width, picture.height / wanted.height];
  const block = [8, 4, 2].find((candidate) => Math.min(across, down) >= candidate * 2) ?? 1;
  return (picture.width % block) / across <= MOST_LOST && (picture.height % block) / down <= MOST_LOST;
}

/** No less than what is wanted. */
function wholePixels({ left, top, width, height }: Box): Box {
  const [x, y] = [Math.floor(left), Math.floor(top)];
  return { left: x, top: y, width: Math.ceil(left + width) - x, height: Math.ceil(top + height) - y };
}

function nearestPixels({ left, top, width, height }: Box): Box {
  const [x, y] = [Math.round(left), Math.round(top)];
  return {
    left: x,
    top: y,
    width: Math.max(1, Math.round(left + width) - x),
    height: Math.max(1, Math.round(top + height) - y),
  };
}
