// Printing colours without a profile, as Pillow and browsers turn them to RGB.
import { multiply255 } from './opacity.js';
import type { Raster } from './raster.js';

/** The four channels are inks here; 255 is full ink. */
export function cmykToRgb({ width, height, data: cmyk }: Raster): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    data[to] = light - multiply255(cmyk[from] ?? 0, light);
    data[to + 1] = light - multiply255(cmyk[from + 1] ?? 0, light);
    data[to + 2] = light - multiply255(cmyk[from + 2] ?? 0, light);
  }
  return { width, height, channels: 3, data };
}
