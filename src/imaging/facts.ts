// What a file says of its picture before any pixel is decoded.
import { readBmpHeader } from './bmp/header.js';
import { isCmykProfile } from './cmyk-profile.js';
import { readSurround, type Surround } from './gif.js';
import { plainChannels } from './jpeg/plain.js';
import { readSegments } from './jpeg/segments.js';
import { isOrientation, type Orientation } from './orientation.js';
import { Chunks, readHeader } from './png/chunks.js';
import { sharp } from './sharp.js';
import type { ImageFormat } from './sniff.js';
import { exifOrientation, hasSpareBand } from './tiff-tags.js';

export interface Facts {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly isCmyk: boolean;
  /** That can be used. */
  readonly hasProfile: boolean;
  /** 16 bits in each of red, green and blue, or of the four inks. */
  readonly isDeep: boolean;
  /** The last band means nothing, though libvips takes it for opacity. */
  readonly hasSpareBand?: boolean;
  /** What is around the first frame of a GIF, where that is neither nothing nor transparent. */
  readonly surround?: Surround | undefined;
  /** How many channels a JPEG has, where it is one as most are, and not cut short. */
  readonly plainJpeg?: 1 | 3 | undefined;
}

type ReadFacts = (bytes: Uint8Array) => Facts | undefined;

/** Reading these here saves a third of a millisecond. What they cannot read, libvips may, or says what is wrong. */
const READERS: Partial<Record<ImageFormat, ReadFacts>> = {
  JPEG: (bytes) => {
    const header = readSegments(bytes);
    const isCmyk = header?.components.length === 4;
    // Whether the profile can be used is seen once its parts are put together.
    if (header === undefined || (isCmyk && header.hasProfile)) return undefined;
    const plainJpeg = endsWithMarker(bytes) ? plainChannels(header) : undefined;
    return { ...header, isCmyk, isDeep: false, plainJpeg };
  },
  BMP: (bytes) => {
    const { width, height } = readBmpHeader(bytes);
    return { width, height, orientation: 1, isCmyk: false, hasProfile: false, isDeep: false };
  },
  PNG: (bytes) => {
    const header = readHeader(bytes);
    if (header === undefined) return undefined;
    let orientation: Orientation = 1;
    for (const chunk = new Chunks(bytes); chunk.next();) {
      if (chunk.name === 'iCCP') return undefined;
      if (chunk.name === 'eXIf') orientation = exifOrientation(chunk.data);
    }
    return { ...header, orientation, isCmyk: false, hasProfile: false, isDeep: false };
  },
};

/** What is cut short is libvips's to tell. */
const endsWithMarker = (bytes: Uint8Array): boolean => bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;

export async function readFacts(bytes: Uint8Array, format: ImageFormat): Promise<Facts> {
  const known = READERS[format]?.(bytes);
  if (known !== undefined) return known;
  const { width, height, orientation, space, depth, hasProfile, icc } = await sharp()(bytes, {
    limitInputPixels: false,
  }).metadata();
  const isCmyk = space === 'cmyk';
  return {
    width,
    height,
    orientation: isOrientation(orientation) ? orientation : 1,
    isCmyk,
    hasProfile: isCmyk ? isCmykProfile(icc) : hasProfile,
    isDeep: space === 'rgb16' || (isCmyk && depth === 'ushort'),
    hasSpareBand: format === 'TIFF' && hasSpareBand(bytes),
    surround: format === 'GIF' ? readSurround(bytes) : undefined,
  };
}
