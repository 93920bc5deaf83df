// Decoding by libvips, on libuv's threads: any format, any size.
import type { KernelEnum, Sharp } from 'sharp';
import type { ImageInput, ResizeKernel } from '../contracts/model.js';
import { cmykToRgb } from './cmyk.js';
import type { Facts } from './facts.js';
import type { Channels, Raster } from './raster.js';
import { sharp } from './sharp.js';
import type { ShrinkPass, ShrinkSteps } from './shrink-plan.js';
import type { ImageFormat } from './sniff.js';

/** Pillow's and Keras's names for libvips's kernels. When shrinking, all but nearest widen with the factor, as there. */
const KERNELS = {
  nearest: 'nearest',
  bilinear: 'linear',
  bicubic: 'cubic',
  lanczos: 'lanczos3',
} as const satisfies Record<ResizeKernel, keyof KernelEnum>;

/** A picture within the limits takes a second or two; no file may hold a thread for ever. */
const TIMEOUT_SECONDS = 30;

/** Before the first picture needs it. Where it is broken, a service should not start. */
export async function loadLibvips(): Promise<void> {
  await sharp()({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
    .raw()
    .toBuffer();
}

export const readsHeic = (): boolean => sharp().format.heif.input.fileSuffix?.includes('.heic') ?? false;

export interface LargePicture {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  readonly facts: Facts;
  readonly input: ImageInput;
  readonly maxPixels: number;
}

export interface LibvipsJob extends LargePicture {
  readonly plan: ShrinkSteps;
}

/** As the file stores it, neither turned nor inverted. */
export async function decodeByLibvips(job: LibvipsJob): Promise<Raster> {
  return await shrinkFurther(await decodeOnce(job), job.plan);
}

/** Crops and shrinks what was decoded elsewhere. */
export async function shrinkByLibvips(
  decoded: Raster,
  plan: ShrinkSteps,
  input: ImageInput,
): Promise<Raster> {
  return await shrinkFurther(await pixelsOf(inSrgb(prepare(fromRaster(decoded), plan, input))), plan);
}

async function shrinkFurther(decoded: Raster, { passes }: ShrinkSteps): Promise<Raster> {
  let raster = decoded;
  for (const pass of passes.slice(1)) raster = await pixelsOf(inSrgb(resize(fromRaster(raster), pass)));
  return raster;
}

async function decodeOnce(job: LibvipsJob): Promise<Raster> {
  if (job.format !== 'JPEG') return await decode(job, 'error');
  try {
    return await decode(job, 'warning');
  } catch (error) {
    if (!isHarmless(error)) throw error;
    return await decode(job, 'error');
  }
}

/** libjpeg counts damage as a warning and goes on with grey; these warnings are of sound pictures. */
const isHarmless = (error: unknown): boolean =>
  error instanceof Error &&
  /extraneous bytes before marker|Invalid SOS parameters|Inconsistent progression|JFIF revision|Adobe color/i.test(
    error.message,
  );

async function decode(job: LibvipsJob, failOn: 'warning' | 'error'): Promise<Raster> {
  const { bytes, facts, plan, input, maxPixels } = job;
  // Without a profile, libvips would take a certain printing press for granted.
  const asCmyk = facts.isCmyk && !facts.hasProfile;
  const stored = sharp()(bytes, { failOn, limitInputPixels: maxPixels, autoOrient: false, pages: 1 });
  const picture = facts.hasSpareBand === true ? stored.removeAlpha() : stored;
  const raster = await pixelsOf(inColours(prepare(picture, plan, input), facts, asCmyk));
  return asCmyk ? cmykToRgb(raster) : raster;
}

const fromRaster = ({ data, ...raw }: Raster): Sharp => sharp()(data, { raw, limitInputPixels: false });

const inSrgb = (picture: Sharp): Sharp => picture.toColourspace('srgb');

/** Crops, and shrinks for the first time. What is small keeps its opacity until all small pictures are flattened. */
function prepare(picture: Sharp, { crop, passes }: ShrinkSteps, { background, channels }: ImageInput): Sharp {
  const [first] = passes;
  const cropped = crop === undefined ? picture : picture.extract(crop);
  if (first === undefined) return cropped;
  const shade = { r: background, g: background, b: background };
  return resize(channels === 4 ? cropped : cropped.flatten({ background: shade }), first);
}

const resize = (picture: Sharp, { size, kernel }: ShrinkPass): Sharp =>
  picture.resize(size.width, size.height, {
    fit: 'fill',
    kernel: KERNELS[kernel],
    // True would let the JPEG decoder shrink to the very size wanted: 20 % faster, and up to 46 of 255 off.
    fastShrinkOnLoad: false,
  });

function inColours(picture: Sharp, { hasProfile, isDeep }: Facts, asCmyk: boolean): Sharp {
  if (asCmyk) {
    const inks = picture.pipelineColourspace('cmyk').toColourspace('cmyk');
    return isDeep ? inks.linear(1 / 256) : inks;
  }
  // sharp brings deep colours with a profile to P3 first, and leaves them there unless told.
  if (hasProfile && isDeep) return picture.toColourspace('srgb').withIccProfile('srgb', { attach: false });
  return inSrgb(picture);
}

async function pixelsOf(picture: Sharp): Promise<Raster> {
  // Not toUint8Array, which copies on the main thread: 140 ms for the largest pictures.
  const { data, info } = await picture
    .timeout({ seconds: TIMEOUT_SECONDS })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  // A TIFF may carry any number of bands, and what they mean is anyone's guess.
  if (!isChannels(info.channels)) throw new Error(`it has ${info.channels} channels`);
  return { width: info.width, height: info.height, channels: info.channels, data };
}

const isChannels = (count: number): count is Channels => count === 1 || count === 3 || count === 4;
