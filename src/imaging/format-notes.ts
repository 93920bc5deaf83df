// What is done with each format, for people; docs/images.md is made from it.
import type { ImageFormat } from './sniff.js';

export const FORMAT_NOTES: Record<ImageFormat, string> = {
  JPEG: 'Baseline, progressive, grey, CMYK (as Adobe inverts it, too); turned by EXIF; damage in the middle is refused',
  PNG: 'All colour types and depths, palettes, interlacing, transparency; of 16 bits the upper 8; of an APNG the default picture',
  WebP: 'Lossy and lossless, transparency; of an animation the first frame',
  GIF: 'The first frame, transparency; around a frame smaller than its canvas the first colour of the palette, as in Pillow',
  AVIF: 'Transparency; of a sequence the still picture that it holds',
  TIFF: 'The first page: strips and tiles (planes that are apart in strips only); 1, 2, 4, 8, 16 or 32 bits; palettes, CMYK of 8 or 16 bits, Lab of 16; uncompressed, LZW, deflate, PackBits, CCITT, JPEG',
  BMP: '1, 2, 4, 8, 16, 24, 32 bits, bit fields, transparency where a mask names it, RLE4, RLE8, rows from either end',
  HEIC: 'Only where libvips was built with a decoder for it, which the library that npm installs was not; else refused with 415',
};
