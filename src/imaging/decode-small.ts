// Small pictures in plain formats: decoded here and now, in less time than libvips takes to be asked.
import type { InflateRows } from '../contracts/native-decoders.js';
import { decodeBmp } from './bmp/decode-bmp.js';
import { BmpFault, readBmpHeader } from './bmp/header.js';
import type { Stored } from './fit-to-input.js';
import { decodeJpeg } from './jpeg/decode-jpeg.js';
import { readSegments } from './jpeg/segments.js';
import { readHeader as readPngHeader } from './png/chunks.js';
import { createPngDecoder } from './png/decode-png.js';
import type { Size } from './raster.js';
import { SMALL } from './shrink-plan.js';
import { atOnce } from './slices.js';
import type { ImageFormat } from './sniff.js';

/** A small picture in a large file holds more than a picture. */
const MOST_BYTES = 131_072;

interface Reader {
  readonly size: (bytes: Uint8Array) => Size | undefined;
  readonly decode: (bytes: Uint8Array) => Stored | undefined;
}

const readers = (inflateRows?: InflateRows): Partial<Record<ImageFormat, Reader>> => ({
  PNG: { size: readPngHeader, decode: createPngDecoder(inflateRows) },
  JPEG: { size: readSegments, decode: decodeJpeg },
  BMP: {
    size: (bytes) => unlessFaulty(() => readBmpHeader(bytes)),
    decode: (bytes) =>
      unlessFaulty(() => ({ raster: atOnce(decodeBmp(bytes, readBmpHeader(bytes))), orientation: 1 })),
  },
});

/** Undefined for what is large, out of the ordinary or damaged: the other way decodes it, or says what is wrong. */
export type DecodeSmall = (bytes: Uint8Array, format: ImageFormat, maxPixels: number) => Stored | undefined;

export function createSmallDecoder(inflateRows?: InflateRows): DecodeSmall {
  const byFormat = readers(inflateRows);
  return (bytes, format, maxPixels) => {
    const reader = byFormat[format];
    if (reader === undefined || bytes.length > MOST_BYTES) return undefined;
    const size = reader.size(bytes);
    if (size === undefined || size.width * size.height > Math.min(SMALL, maxPixels)) return undefined;
    return reader.decode(bytes);
  };
}

function unlessFaulty<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BmpFault) return undefined;
    throw error;
  }
}
