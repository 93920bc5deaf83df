import { expect } from 'chai';
import sharp from 'sharp';
import { sniff } from '../../src/imaging/sniff.js';
import { bmp } from '../helpers/bmp-file.js';

const picture = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });

const READ = {
  JPEG: () => picture().jpeg().toBuffer(),
  PNG: () => picture().png().toBuffer(),
  WebP: () => picture().webp().toBuffer(),
  GIF: () => picture().gif().toBuffer(),
  AVIF: () => picture().avif().toBuffer(),
  TIFF: () => picture().tiff().toBuffer(),
  BMP: () => Promise.resolve(bmp({ width: 1, height: 1, bits: 24, rows: Buffer.alloc(4) })),
};

const box = (brand: string, ...compatible: string[]): string =>
  `\0\0\0${String.fromCharCode(16 + 4 * compatible.length)}ftyp${brand}\0\0\0\0${compatible.join('')}`;

const REFUSED: Record<string, string[]> = {
  SVG: [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '\xef\xbb\xbf <?xml version="1.0"?>\n<!-- x -->\n<svg>',
    '<!DOCTYPE svg><svg ',
  ],
  HTML: ['<!doctype html><html>', '\n<html lang="en">'],
  PDF: ['%PDF-1.7\n'],
  HEIC: [box('heic', 'mif1'), box('mif1', 'miaf', 'heix')],
  'MP4 or QuickTime video': [box('isom', 'avc1', 'mp41'), box('qt  ')],
  ICO: ['\0\0\x01\0\x01\0'],
  'JPEG XL': ['\xff\x0a\xfa\x7f', '\0\0\0\x0cJXL \r\n\x87\n'],
  'JPEG 2000': ['\0\0\0\x0cjP  \r\n\x87\n'],
  Photoshop: ['8BPS\0\x01'],
  ZIP: ['PK\x03\x04\x14\0'],
  gzip: ['\x1f\x8b\x08'],
  HDF5: ['\x89HDF\r\n\x1a\n\0'],
  'plain text': ['hello, this is no picture', '{"json": true}'],
};

describe('sniff', () => {
  for (const [format, make] of Object.entries(READ)) {
    it(`knows ${format} by its first bytes`, async () => {
      expect(sniff(await make())).to.deep.equal({ readable: true, format });
    });
  }

  for (const [found, samples] of Object.entries(REFUSED)) {
    it(`names ${found} as a format that is not read`, () => {
      for (const sample of samples) {
        expect(sniff(Buffer.from(sample, 'latin1'))).to.deep.equal({ readable: false, found });
      }
    });
  }

  it('takes an AVIF whose major brand is the general one', () => {
    expect(sniff(Buffer.from(box('mif1', 'avif'), 'latin1'))).to.deep.equal({
      readable: true,
      format: 'AVIF',
    });
  });

  it('takes no text for a bitmap that begins with its two letters', () => {
    expect(sniff(Buffer.from('BMW is a maker of cars')).readable).to.equal(false);
  });

  it('takes HEIC where there is a decoder for it', () => {
    const file = Buffer.from(box('heic', 'mif1'), 'latin1');
    expect(sniff(file, { readsHeic: () => true })).to.deep.equal({ readable: true, format: 'HEIC' });
  });

  it('shows the first bytes of what it does not know', () => {
    const bytes = Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 4);
    expect(sniff(bytes))
      .to.deep.include({ readable: false })
      .and.to.have.property('found')
      .that.includes('de ad be ef');
  });

  it('does not stumble over a few bytes or none', () => {
    for (const bytes of [[], [0], [0xff, 0xd8], [0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70]]) {
      expect(sniff(Uint8Array.from(bytes)).readable).to.equal(false);
    }
  });

  it('looks at a view of a larger buffer from the view’s own beginning', () => {
    const whole = Buffer.concat([Buffer.from('GIF89a'), Buffer.from(box('mif1', 'avif'), 'latin1')]);
    expect(sniff(whole.subarray(6))).to.deep.equal({ readable: true, format: 'AVIF' });
  });
});
