// From the channels that a picture has to those that the model takes.
import type { ImageInput } from '../contracts/model.js';
import { toGreyscale } from './greyscale.js';
import { flatten } from './opacity.js';
import type { Raster } from './raster.js';

/** Opacity is kept for four channels; for fewer, the background shows through. */
export function toChannels(raster: Raster, wanted: ImageInput['channels'], background: number): Raster {
  const { width, height } = raster;
  const seen = wanted === 4 ? raster : flatten(raster, background);
  if (seen.channels === wanted) return seen;
  const data =
    wanted === 1
      ? toGreyscale(seen.data)
      : seen.channels === 1
        ? repeat(seen.data, wanted)
        : opaque(seen.data);
  return { width, height, channels: wanted, data };
}

/** Grey as equal colours, opaque. */
function repeat(grey: Uint8Array, channels: 3 | 4): Uint8Array {
  const colours = new Uint8Array(grey.length * channels).fill(255);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel += 1, at += channels) {
    const value = grey[pixel] ?? 0;
    colours[at] = value;
    colours[at + 1] = value;
    colours[at + 2] = value;
  }
  return colours;
}

function opaque(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] ?? 0;
    rgba[to + 1] = rgb[from + 1] ?? 0;
    rgba[to + 2] = rgb[from + 2] ?? 0;
  }
  return rgba;
}
