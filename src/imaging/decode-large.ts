// Pictures of any size and format, without keeping other requests waiting: what is heavy runs on libuv's threads.
import { decodeBmp } from './bmp/decode-bmp.js';
import { readBmpHeader } from './bmp/header.js';
import type { Stored } from './fit-to-input.js';
import { fillSurround } from './gif.js';
import type { DecodePlainJpeg } from './jpeg/shrink-jpeg.js';
import { decodeByLibvips, shrinkByLibvips, type LargePicture } from './libvips.js';
import { turnedSize } from './orientation.js';
import type { Raster } from './raster.js';
import { planShrink, WHOLE } from './shrink-plan.js';
import { inSlices } from './slices.js';

export async function decodeLarge(
  picture: LargePicture,
  decodePlainJpeg: DecodePlainJpeg | undefined,
): Promise<Stored> {
  const { format, facts, input } = picture;
  const plain = await decodePlainJpeg?.(picture);
  if (plain !== undefined) return plain;
  const { orientation } = facts;
  const plan = planShrink({ ...facts, shrinksOnLoad: format === 'JPEG' }, input);
  const shrunk = { size: turnedSize(facts, orientation), shows: plan.shows };
  const whole = await decodeWhole(picture);
  if (whole === undefined)
    return { raster: await decodeByLibvips({ ...picture, plan }), orientation, shrunk };
  if (plan.passes.length === 0) return { raster: whole, orientation };
  return { raster: await shrinkByLibvips(whole, plan, input), orientation, shrunk };
}

/** What libvips cannot read, or not as it should be. Undefined for all else. */
async function decodeWhole(picture: LargePicture): Promise<Raster | undefined> {
  const { bytes, format, facts } = picture;
  if (format === 'BMP') return await inSlices(decodeBmp(bytes, readBmpHeader(bytes)));
  const { surround, hasSpareBand } = facts;
  // sharp takes bands away last, when they have done their harm.
  if (surround === undefined && hasSpareBand !== true) return undefined;
  const raster = await decodeByLibvips({ ...picture, plan: WHOLE });
  return surround === undefined ? raster : await inSlices(fillSurround(raster, surround));
}
