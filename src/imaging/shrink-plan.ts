// What libvips is asked for: no more pixels than needed, and enough that the result agrees with Pillow's.
//
// libvips shrinks as Pillow does up to a factor of four; beyond, it averages blocks first and is off by a fraction of a
// pixel. When it enlarges, it is off by half a pixel, and it crops whole pixels only. So it shrinks what is large, where
// it would not agree only to a multiple of the size wanted, and the rest is done here.
import type { ImageInput } from '../contracts/model.js';
import { turnedSize, type Orientation } from './orientation.js';
import { place } from './placement.js';
import type { Box, Size } from './raster.js';

export interface ShrinkPlan {
  /** As the file stores the picture. Undefined: all of it. */
  readonly crop: Box | undefined;
  /** Undefined: as many pixels as there are. */
  readonly size: Size | undefined;
  /** Pixels will be resized once more, so they must not lose what the model's own filter would have kept. */
  readonly again: boolean;
  /** For the upright picture. */
  readonly shows: Box;
}

/** Pictures up to this size are resized here, exactly: a millisecond or two. */
export const RESIZED_HERE = 65_536;
const EXACT_FACTOR = 4;
const MOST_MULTIPLE = 8;

export function planShrink(picture: Size, orientation: Orientation, input: ImageInput): ShrinkPlan {
  const upright = turnedSize(picture, orientation);
  const whole: Box = { left: 0, top: 0, ...upright };
  if (picture.width * picture.height <= RESIZED_HERE || input.resize.kernel === 'nearest') {
    return { crop: undefined, size: undefined, again: true, shows: whole };
  }
  const { crop, size } = place(upright, input, input.resize.fit);
  const used = wholePixels(crop);
  const isExact = used.left === crop.left && used.top === crop.top;
  const room = Math.floor(Math.sqrt(RESIZED_HERE / (size.width * size.height)));
  const times = Math.min(MOST_MULTIPLE, Math.max(isExact ? 1 : 2, room));
  const shrinkSide = (length: number, wanted: number): number =>
    isExact && length <= wanted * EXACT_FACTOR ? Math.min(length, wanted) : Math.min(length, wanted * times);
  const shrunk = {
    width: shrinkSide(used.width, size.width),
    height: shrinkSide(used.height, size.height),
  };
  const isAll = used.width === upright.width && used.height === upright.height;
  return {
    crop: isAll ? undefined : stored(used, orientation),
    size: turnedSize(shrunk, orientation),
    again: shrunk.width !== size.width || shrunk.height !== size.height,
    shows: used,
  };
}

/** No less than what is wanted. */
function wholePixels({ left, top, width, height }: Box): Box {
  const [x, y] = [Math.floor(left), Math.floor(top)];
  return { left: x, top: y, width: Math.ceil(left + width) - x, height: Math.ceil(top + height) - y };
}

/** Crops lie in the middle, so turning the picture swaps their sides at most. */
function stored({ left, top, width, height }: Box, orientation: Orientation): Box {
  const isSwapped = orientation > 4;
  return isSwapped ? { left: top, top: left, width: height, height: width } : { left, top, width, height };
}
