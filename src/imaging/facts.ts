// What a file says of its picture before any pixel is decoded.
import { readBmpHeader } from './bmp/header.js';
import { exifOrientation } from './exif.js';
import { plainChannels } from './jpeg/plain.js';
import { readSegments } from './jpeg/segments.js';
import { isOrientation, type Orientation } from './orientation.js';
import { Chunks, readHeader } from './png/chunks.js';
import { sharp } from './sharp.js';
import type { ImageFormat } from './sniff.js';

export interface Facts {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly isCmyk: boolean;
  readonly hasProfile: boolean;
  /** 16 bits in each of red, green and blue. */
  readonly isDeep: boolean;
  /** How many channels a JPEG has, where it is one as most are, and not cut short. */
  readonly plainJpeg?: 1 | 3 | undefined;
}

type ReadFacts = (bytes: Uint8Array) => Facts | undefined;

/** Reading these here saves a third of a millisecond. What they cannot read, libvips may, or says what is wrong. */
const READERS: Partial<Record<ImageFormat, ReadFacts>> = {
  JPEG: (bytes) => {
    const header = readSegments(bytes);
    return (
      header && {
        ...header,
        isCmyk: header.components.length === 4,
        isDeep: false,
        plainJpeg: endsWithMarker(bytes) ? plainChannels(header) : undefined,
      }
    );
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
  const { width, height, orientation, space, hasProfile } = await sharp()(bytes, {
    limitInputPixels: false,
  }).metadata();
  return {
    width,
    height,
    orientation: isOrientation(orientation) ? orientation : 1,
    isCmyk: space === 'cmyk',
    hasProfile,
    isDeep: space === 'rgb16',
  };
}
