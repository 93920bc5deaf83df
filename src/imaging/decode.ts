// From the bytes of an upload to the pixels a model takes. Small pictures are decoded at once, plain JPEGs by
// the native decoder where it is there, others by libvips.
import type { ImageInput } from '../contracts/model.js';
import type { NativeDecoders } from '../contracts/native-decoders.js';
import type { StopSignal } from '../contracts/stop-signal.js';
import { AppError } from '../errors/app-error.js';
import { decodeLarge } from './decode-large.js';
import { createSmallDecoder } from './decode-small.js';
import { faultOf } from './fault.js';
import { readFacts } from './facts.js';
import { createFitter } from './fit-to-input.js';
import { createJpegDecoder } from './jpeg/shrink-jpeg.js';
import { readsHeic } from './libvips.js';
import { PixelBudget } from './pixel-budget.js';
import { stripPng } from './png/strip.js';
import type { Size } from './raster.js';
import { createResampler } from './resample/resample.js';
import { atOnce, inSlices } from './slices.js';
import { sniff, type ImageFormat } from './sniff.js';
import { asStillAvif } from './still-avif.js';

export interface DecoderOptions {
  /** Checked against the header, before any pixel is decoded. */
  readonly maxMegapixels: number;
  /** Not needed: libvips then decodes all JPEGs that are not small, and Node inflates PNGs. */
  readonly native?: NativeDecoders | undefined;
}

export interface DecodeOptions {
  /** Throws its reason if it is aborted before decoding starts; libvips cannot be stopped afterwards. */
  readonly signal?: StopSignal;
}

/** Height x width x channels bytes. */
export type Decode = (bytes: Uint8Array, input: ImageInput, options?: DecodeOptions) => Promise<Uint8Array>;

/** Pixels of an input that can be made while others wait. */
const MOST_AT_ONCE = 65_536;
/** How many pictures of the largest size are decoded at a time. */
const LARGEST_AT_ONCE = 2;

const DECODERS = { readsHeic };

/** For libvips. */
const PREPARED: Partial<Record<ImageFormat, (bytes: Uint8Array) => Uint8Array>> = {
  PNG: stripPng,
  AVIF: asStillAvif,
};

export function createDecoder({ maxMegapixels, native }: DecoderOptions): Decode {
  const maxPixels = Math.floor(maxMegapixels * 1e6);
  const fitToInput = createFitter(createResampler());
  const decodePlainJpeg = native && createJpegDecoder(native.shrinkJpeg);
  const decodeSmall = createSmallDecoder(native?.inflateRows);
  const budget = new PixelBudget(LARGEST_AT_ONCE * maxPixels);

  return async function decode(bytes, input, { signal } = {}) {
    const sniffed = sniff(bytes, DECODERS);
    if (!sniffed.readable) throw new AppError('unsupported_media', `the file is ${sniffed.found}`);
    const { format } = sniffed;
    signal?.throwIfAborted();

    const small =
      input.height * input.width <= MOST_AT_ONCE ? decodeSmall(bytes, format, maxPixels) : undefined;
    if (small !== undefined) return atOnce(fitToInput(small, input));

    try {
      const needed = PREPARED[format]?.(bytes) ?? bytes;
      const facts = await readFacts(needed, format);
      if (facts.width * facts.height > maxPixels) throw tooLarge(maxMegapixels, facts);
      return await budget.run(facts.width * facts.height, signal, async () => {
        const stored = await decodeLarge({ bytes: needed, format, facts, input, maxPixels }, decodePlainJpeg);
        return await inSlices(fitToInput(stored, input));
      });
    } catch (error) {
      if (error instanceof AppError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      // The header was within the limit; what stands behind it was not.
      if (/pixel limit/i.test(message)) throw tooLarge(maxMegapixels);
      const fault = faultOf(bytes, format, message);
      throw new AppError('undecodable_image', `the file begins as ${format}, but cannot be read: ${fault}`, {
        cause: error,
      });
    }
  };
}

function tooLarge(limit: number, size?: Size): AppError {
  const found =
    size === undefined
      ? 'the picture holds more pixels than its header says'
      : `the picture is ${size.width} x ${size.height}, ${((size.width * size.height) / 1e6).toFixed(1)} megapixels`;
  return new AppError('image_too_large', `${found}; the limit is ${limit}`);
}
