// Turns dark-on-light pictures (ink on paper) into the light-on-dark ones a model was trained on.
import type { ImageInput } from '../contracts/model.js';
import { luma } from './greyscale.js';

type Picture = Pick<ImageInput, 'height' | 'width' | 'channels'>;

/** Changes `pixels` in place. Opacity, where there is any, stays. */
export function applyInvert(pixels: Uint8Array, picture: Picture, mode: ImageInput['invert']): void {
  const wanted = mode === 'auto' ? isBright(borderBrightness(pixels, picture)) : mode;
  if (!wanted) return;
  for (let at = 0; at < pixels.length; at += 1) {
    const isOpacity = picture.channels === 4 && at % 4 === 3;
    if (!isOpacity) pixels[at] = 255 - (pixels[at] ?? 0);
  }
}

/** What lies around a picture that does not fill its frame. Left to decide, it is dark, as the picture's border is then. */
export const frameShade = (background: number, mode: ImageInput['invert']): number =>
  (mode === 'auto' ? isBright(background) : mode) ? 255 - background : background;

const isBright = (brightness: number): boolean => brightness > 127;

/** Mean brightness of the outermost pixels: what is written rarely touches them, the paper does. */
export function borderBrightness(pixels: Uint8Array, { height, width, channels }: Picture): number {
  const brightness = (row: number, column: number): number => {
    const at = (row * width + column) * channels;
    const first = pixels[at] ?? 0;
    return channels === 1 ? first : luma(first, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
  };
  let sum = 0;
  let count = 0;
  for (let row = 0; row < height; row += 1) {
    const isEdgeRow = row === 0 || row === height - 1;
    const step = isEdgeRow ? 1 : Math.max(1, width - 1);
    for (let column = 0; column < width; column += step) {
      sum += brightness(row, column);
      count += 1;
    }
  }
  return sum / count;
}
