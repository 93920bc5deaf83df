import { expect } from 'chai';
import { decodeBmp } from '../../../src/imaging/bmp/decode-bmp.js';
import { BmpFault, readBmpHeader } from '../../../src/imaging/bmp/header.js';
import { atOnce } from '../../../src/imaging/slices.js';
import { bmp } from '../../helpers/bmp-file.js';

const decode = (file: Buffer) => atOnce(decodeBmp(file, readBmpHeader(file)));
const pixels = (file: Buffer): number[] => Array.from(decode(file).data);

const RED_GREEN_BLUE = [255, 0, 0, 0, 255, 0, 0, 0, 255];
const PALETTE = Buffer.from([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]);

describe('decodeBmp', () => {
  it('reads 24 bits, blue first, rows from below', () => {
    const rows = Buffer.from([255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]);
    expect(pixels(bmp({ width: 1, height: 3, bits: 24, rows }))).to.deep.equal(RED_GREEN_BLUE);
  });

  it('reads rows from above where the height is negative', () => {
    const rows = Buffer.from([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]);
    expect(pixels(bmp({ width: 1, height: -3, bits: 24, rows }))).to.deep.equal(RED_GREEN_BLUE);
  });

  for (const [bits, row] of [
    [1, [0b01000000, 0, 0, 0]],
    [2, [0b00011000, 0, 0, 0]],
    [4, [0x01, 0x20, 0, 0]],
    [8, [0, 1, 2, 0]],
  ] as const) {
    it(`reads ${bits} bits through the palette`, () => {
      const width = bits === 1 ? 2 : 3;
      const file = bmp({ width, height: 1, bits, palette: PALETTE, rows: Buffer.from(row) });
      expect(pixels(file)).to.deep.equal(RED_GREEN_BLUE.slice(0, width * 3));
    });
  }

  it('reads 16 bits in five each, and as masks say', () => {
    const plain = Buffer.from([0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0, 0]);
    expect(pixels(bmp({ width: 3, height: 1, bits: 16, rows: plain }))).to.deep.equal(RED_GREEN_BLUE);
    const masked = Buffer.from([0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0, 0]);
    const masks = [0xf800, 0x7e0, 0x1f];
    expect(pixels(bmp({ width: 3, height: 1, bits: 16, rows: masked, masks }))).to.deep.equal(RED_GREEN_BLUE);
  });

  it('reads opacity where a mask names it, and ignores the fourth byte where none does', () => {
    const rows = Buffer.from([1, 2, 3, 4]);
    expect(pixels(bmp({ width: 1, height: 1, bits: 32, rows }))).to.deep.equal([3, 2, 1]);
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
    expect(pixels(bmp({ width: 1, height: 1, bits: 32, rows, masks }))).to.deep.equal([3, 2, 1, 4]);
  });

  it('reads run lengths: runs, literals, jumps and ends', () => {
    // Above: two of colour 1, end of line; below: three literals 0 1 2, padded.
    const rows = Buffer.from([0, 3, 0, 1, 2, 0, 0, 0, 2, 1, 0, 1]);
    const file = bmp({ width: 3, height: 2, bits: 8, compression: 1, palette: PALETTE, rows });
    const [red, green, blue] = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ];
    expect(pixels(file)).to.deep.equal([green, green, red, red, green, blue].flat());
  });

  it('reads run lengths of four bits, two colours in turn', () => {
    const rows = Buffer.from([3, 0x12, 0, 1]);
    const file = bmp({ width: 3, height: 1, bits: 4, compression: 2, palette: PALETTE, rows });
    expect(pixels(file)).to.deep.equal([0, 255, 0, 0, 0, 255, 0, 255, 0]);
  });

  describe('refuses', () => {
    const rows = Buffer.alloc(12);
    const cases: Record<string, Buffer> = {
      'pixels that are cut off': bmp({ width: 3, height: 4, bits: 24, rows }),
      'a header that is cut off': bmp({ width: 3, height: 1, bits: 24, rows }).subarray(0, 30),
      'no width': bmp({ width: 0, height: 1, bits: 24, rows }),
      'a negative width': bmp({ width: -3, height: 1, bits: 24, rows }),
      'a depth that does not exist': bmp({ width: 3, height: 1, bits: 5, rows }),
      'a JPEG inside': bmp({ width: 3, height: 1, bits: 24, compression: 4, rows }),
      'no palette': bmp({ width: 3, height: 1, bits: 8, rows }),
      'a few runs that claim a huge picture': bmp({
        width: 7000,
        height: 7000,
        bits: 8,
        compression: 1,
        palette: PALETTE,
        rows: Buffer.from([0, 1]),
      }),
      'runs that are cut off': bmp({
        width: 3,
        height: 2,
        bits: 8,
        compression: 1,
        palette: PALETTE,
        rows: Buffer.from([3, 1, 0, 0]),
      }),
    };
    for (const [what, file] of Object.entries(cases)) {
      it(what, () => {
        expect(() => decode(file)).to.throw(BmpFault);
      });
    }
  });
});
