// From the bytes of an upload to the pixels a model takes. The work runs on libuv's threads, inside libvips.
import sharp, { type KernelEnum } from 'sharp';
import type { ImageInput, ResizeKernel } from '../contracts/model.js';
import { AppError } from '../errors/app-error.js';
import { toGreyscale } from './greyscale.js';
import { applyInvert } from './invert.js';
import { sniff, type ImageFormat } from './sniff.js';

export interface DecoderOptions {
  /** Checked against the header, before any pixel is decoded. */
  readonly maxMegapixels: number;
}

export interface DecodeOptions {
  /** Throws its reason if it is aborted before decoding starts; libvips cannot be stopped afterwards. */
  readonly signal?: AbortSignal;
}

/** Height x width x channels bytes in a buffer of exactly that size, ready to be transferred to a worker. */
export type Decode = (bytes: Uint8Array, input: ImageInput, options?: DecodeOptions) => Promise<Uint8Array>;

/** Pillow's and Keras's names for libvips's kernels. When shrinking, all but nearest widen with the factor, as there. */
const KERNELS = {
  nearest: 'nearest',
  bilinear: 'linear',
  bicubic: 'cubic',
  lanczos: 'lanczos3',
} as const satisfies Record<ResizeKernel, keyof KernelEnum>;

export function createDecoder({ maxMegapixels }: DecoderOptions): Decode {
  // Requests give the parallelism; a thread pool per picture and a cache of pictures seen once only cost memory.
  sharp.concurrency(1);
  sharp.cache(false);
  const limitInputPixels = Math.floor(maxMegapixels * 1e6);

  return async function decode(bytes, input, options = {}) {
    const sniffed = sniff(bytes);
    if (!sniffed.readable) throw new AppError('unsupported_media', `the file is ${sniffed.found}`);
    options.signal?.throwIfAborted();
    let decoded: Uint8Array;
    try {
      decoded = await readPixels(bytes, input, limitInputPixels);
    } catch (error) {
      throw await explain(error, bytes, sniffed.format, maxMegapixels);
    }
    const pixels = input.channels === 1 ? toGreyscale(decoded) : decoded;
    applyInvert(pixels, input, input.invert);
    return pixels;
  };
}

/** Always three channels, or four where the model looks at opacity. */
async function readPixels(
  bytes: Uint8Array,
  input: ImageInput,
  limitInputPixels: number,
): Promise<Uint8Array> {
  const { height, width, background: shade } = input;
  const background = { r: shade, g: shade, b: shade };
  const picture = sharp(bytes, {
    // Refuses what is damaged or cut off, but not the oddities in metadata that `warning` minds too.
    failOn: 'error',
    limitInputPixels,
    autoOrient: true,
    pages: 1,
  });
  const opaque = input.channels === 4 ? picture.ensureAlpha() : picture.flatten({ background });
  const { data, info } = await opaque
    .resize(width, height, {
      fit: input.resize.fit,
      kernel: KERNELS[input.resize.kernel],
      background,
      // The JPEG decoder's own shrinking is 20 % faster on large photographs, and up to 46 of 255 off Pillow's pixels
      // where this is off by 13.
      fastShrinkOnLoad: false,
    })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toUint8Array();
  const expected = input.channels === 4 ? 4 : 3;
  // A TIFF may carry any number of bands, and what they mean is anyone's guess.
  if (info.channels !== expected) {
    throw new Error(`it has ${info.channels} channels where ${expected} were expected`);
  }
  return data;
}

/** libvips reports in free text; the pixel limit is the one message that means something else than damage. */
async function explain(
  error: unknown,
  bytes: Uint8Array,
  format: ImageFormat,
  maxMegapixels: number,
): Promise<AppError> {
  const message = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(message)) {
    const { width, height } = await readHeader(bytes);
    const megapixels = ((width * height) / 1e6).toFixed(1);
    return new AppError(
      'image_too_large',
      `the picture is ${width} x ${height}, ${megapixels} megapixels; the limit is ${maxMegapixels}`,
      { cause: error },
    );
  }
  const reason = message.split('\n', 1)[0] ?? '';
  return new AppError('undecodable_image', `the file begins as ${format}, but cannot be read: ${reason}`, {
    cause: error,
  });
}

const readHeader = (bytes: Uint8Array): Promise<{ width: number; height: number }> =>
  sharp(bytes, { limitInputPixels: false }).metadata();
