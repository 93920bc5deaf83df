// Transparent pictures: shown on a background, or kept with their opacity.
import type { Raster } from './raster.js';

/** a x b / 255, rounded, as Pillow computes it. */
export const multiply255 = (a: number, b: number): number => {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
};

/** Rounded down; exact below 65,535. */
const divideBy255 = (value: number): number => (value + 1 + (value >> 8)) >> 8;

/** What is seen in front of a grey `background`. Opaque pictures come back as they are. */
export function flatten(raster: Raster, background: number): Raster {
  if (raster.channels !== 4) return raster;
  const { width, height, data } = raster;
  const flat = new Uint8Array(width * height * 3);
  for (let at = 0, to = 0; to < flat.length; at += 4, to += 3) {
    const opacity = data[at + 3] ?? 0;
    const behind = background * (255 - opacity) + 127;
    flat[to] = divideBy255((data[at] ?? 0) * opacity + behind);
    flat[to + 1] = divideBy255((data[at + 1] ?? 0) * opacity + behind);
    flat[to + 2] = divideBy255((data[at + 2] ?? 0) * opacity + behind);
  }
  return { width, height, channels: 3, data: flat };
}

/** Colours weighed by opacity, so that what is invisible does not shine through when pixels are mixed. */
export function premultiply({ width, height, data }: Raster): Raster {
  const weighed = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 4) {
    const opacity = data[at + 3] ?? 0;
    weighed[at] = multiply255(data[at] ?? 0, opacity);
    weighed[at + 1] = multiply255(data[at + 1] ?? 0, opacity);
    weighed[at + 2] = multiply255(data[at + 2] ?? 0, opacity);
    weighed[at + 3] = opacity;
  }
  return { width, height, channels: 4, data: weighed };
}

export function unpremultiply({ width, height, data }: Raster): Raster {
  const plain = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 4) {
    const opacity = data[at + 3] ?? 0;
    for (let channel = at; channel < at + 3; channel += 1) {
      const value = data[channel] ?? 0;
      plain[channel] = opacity === 0 ? value : Math.min(255, Math.trunc((255 * value) / opacity));
    }
    plain[at + 3] = opacity;
  }
  return { width, height, channels: 4, data: plain };
}
