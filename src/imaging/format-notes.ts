// What is done with each format, for people; docs/images.md is made from it.
import type { ImageFormat } from './sniff.js';

export const FORMAT_NOTES: Record<ImageFormat, string> = {
  JPEG: 'Baseline, progressive, grey, CMYK (as Adobe inverts it, too); turned by EXIF; damage in the middle is refused',
  PNG: 'All colour types and depths, palettes, interlacing, transparency; of 16 bits the upper 8; of an APNG the default picture',
  WebP: 'Lossy and lossless, transparency; of an animation the first frame',
  GIF: 'The first frame, transparency',
  AVIF: 'Transparency; of a sequence the first picture',
  TIFF: 'The first page: strips and tiles, 1 to 32 bits, palettes, CMYK, Lab; uncompressed, LZW, deflate, PackBits, CCITT, JPEG',
  BMP: '1, 2, 4, 8, 16, 24, 32 bits, bit fields, transparency where a mask names it, RLE4, RLE8, rows from either end',
  HEIC: 'Only where libvips was built with a decoder for it, which the library that npm installs was not; else refused with 415',
};
