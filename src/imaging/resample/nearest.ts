// The nearest pixel, as Pillow picks it (ImagingScaleAffine in src/libImaging/Geometry.c).
import type { Box, Raster, Size } from '../raster.js';
import type { Steps } from '../slices.js';

const ROWS_PER_STEP = 16;

export function* pickNearest(source: Raster, box: Box, { width, height }: Size): Steps<Raster> {
  const { channels } = source;
  const columns = picks(box.left, box.width, width, source.width);
  const rows = picks(box.top, box.height, height, source.height);
  const data = new Uint8Array(width * height * channels);
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    const start = (rows[row] ?? 0) * source.width;
    for (let column = 0; column < width; column += 1) {
      const from = (start + (columns[column] ?? 0)) * channels;
      for (let channel = 0; channel < channels; channel += 1) data[at++] = source.data[from + channel] ?? 0;
    }
    if (row % ROWS_PER_STEP === 0) yield;
  }
  return { width, height, channels, data };
}

/** The sum grows by additions there, and its rounding decides pixels that lie on an edge. */
function picks(start: number, extent: number, output: number, length: number): Int32Array {
  const step = extent / output;
  const found = new Int32Array(output);
  let place = start + step * 0.5;
  for (let at = 0; at < output; at += 1) {
    found[at] = Math.min(length - 1, Math.max(0, Math.trunc(place)));
    place += step;
  }
  return found;
}
