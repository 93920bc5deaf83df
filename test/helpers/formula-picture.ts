// The picture that scripts/python/reference/pictures.py makes by the same formula: smooth waves with sharp edges.
import type { Channels, Raster } from '../../src/imaging/raster.js';

export function formulaPicture(width: number, height: number, channels: Channels): Raster {
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const channel = at % channels;
    const pixel = Math.floor(at / channels);
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    const wave = (column * 7 + row * 13 + channel * 85 + ((column * row) % 31) * 5) % 256;
    const edge = ((Math.floor(column / 5) + Math.floor(row / 3)) % 2) * 128;
    return (wave + edge) % 256;
  });
  return { width, height, channels, data };
}
