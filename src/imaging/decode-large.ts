// Pictures of any size and format, without keeping other requests waiting: what is heavy runs on libuv's threads.
import { decodeBmp } from './bmp/decode-bmp.js';
import { readBmpHeader } from './bmp/header.js';
import type { Stored } from './fit-to-input.js';
import type { DecodePlainJpeg } from './jpeg/shrink-jpeg.js';
import { decodeByLibvips, shrinkByLibvips, type LargePicture } from './libvips.js';
import { turnedSize } from './orientation.js';
import { planShrink } from './shrink-plan.js';
import { inSlices } from './slices.js';

export async function decodeLarge(
  picture: LargePicture,
  decodePlainJpeg: DecodePlainJpeg | undefined,
): Promise<Stored> {
  const { bytes, format, facts, input } = picture;
  const plain = await decodePlainJpeg?.(picture);
  if (plain !== undefined) return plain;
  const plan = planShrink({ ...facts, shrinksOnLoad: format === 'JPEG' }, input);
  const shrunk = { size: turnedSize(facts, facts.orientation), shows: plan.shows };
  if (format !== 'BMP') {
    return { raster: await decodeByLibvips({ ...picture, plan }), orientation: facts.orientation, shrunk };
  }
  const raster = await inSlices(decodeBmp(bytes, readBmpHeader(bytes)));
  if (plan.passes.length === 0) return { raster, orientation: 1 };
  return { raster: await shrinkByLibvips(raster, plan, input), orientation: 1, shrunk };
}
