// Where a picture goes in the model's input: what part of it, at what size, and where. As Pillow's ImageOps does it.
import type { ImageInput } from '../contracts/model.js';
import type { Box, Size } from './raster.js';

export interface Placement {
  /** The part of the picture that is used. */
  readonly crop: Box;
  /** What it is resized to. */
  readonly size: Size;
  /** Where that lies in the input. */
  readonly left: number;
  readonly top: number;
}

type Fit = ImageInput['resize']['fit'];

const whole = ({ width, height }: Size): Box => ({ left: 0, top: 0, width, height });

/** Python's round(): halves go to the even neighbour. */
const round = (value: number): number => {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
};

const FITS: Record<Fit, (picture: Size, input: Size) => Placement> = {
  fill: (picture, size) => ({ crop: whole(picture), size, left: 0, top: 0 }),

  /** ImageOps.fit */
  cover: (picture, size) => {
    const ratio = size.width / size.height;
    const isWide = picture.width / picture.height >= ratio;
    const width = isWide ? ratio * picture.height : picture.width;
    const height = isWide ? picture.height : picture.width / ratio;
    const crop = { left: (picture.width - width) * 0.5, top: (picture.height - height) * 0.5, width, height };
    return { crop, size, left: 0, top: 0 };
  },

  /** ImageOps.pad */
  contain: (picture, input) => {
    const size = containedSize(picture, input);
    const left = round((input.width - size.width) * 0.5);
    const top = round((input.height - size.height) * 0.5);
    return { crop: whole(picture), size, left, top };
  },
};

function containedSize(picture: Size, input: Size): Size {
  const ratio = picture.width / picture.height;
  const wanted = input.width / input.height;
  if (ratio > wanted) {
    const height = Math.max(1, round((picture.height / picture.width) * input.width));
    return { width: input.width, height };
  }
  if (ratio < wanted) {
    const width = Math.max(1, round((picture.width / picture.height) * input.height));
    return { width, height: input.height };
  }
  return { width: input.width, height: input.height };
}

export const place = (picture: Size, input: Size, fit: Fit): Placement => FITS[fit](picture, input);
