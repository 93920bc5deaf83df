// Files that mean harm: small ones that claim or swell to much, and large ones that could keep others waiting.
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import sharp from 'sharp';
import { createDecoder } from '../../src/imaging/decode.js';
import { readSegments } from '../../src/imaging/jpeg/segments.js';
import { stripPng } from '../../src/imaging/png/strip.js';
import { bmp } from '../helpers/bmp-file.js';
import { header, png, pngChunk } from '../helpers/png-file.js';
import { nativeDecoders } from '../../src/native/native-decoders.js';
import { imageInput } from '../helpers/image-input.js';
import { refused } from '../helpers/refused.js';
import { tiff } from '../helpers/tiff-file.js';

const input = imageInput({ height: 32, width: 32, background: 255 });

const claims = (side: number): Record<string, Buffer> => ({
  PNG: png(
    header({ width: side, height: side, depth: 8, type: 2 }),
    pngChunk('IDAT', deflateSync(Buffer.alloc(9))),
  ),
  GIF: Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0', 'latin1'),
    Buffer.from(Uint16Array.of(side, side).buffer),
    Buffer.from('\0\x02\x02\x4c\x01\0\x3b', 'latin1'),
  ]),
  BMP: bmp({ width: side, height: side, bits: 24, rows: Buffer.alloc(12) }),
  TIFF: tiff({ width: side, height: side, samples: 1, photometric: 1, data: Buffer.alloc(9) }),
});

describe('hostile pictures', () => {
  const decode = createDecoder({ maxMegapixels: 50, native: nativeDecoders() });

  for (const format of Object.keys(claims(1))) {
    it(`a ${format} that claims more than the limit is refused by its header`, async () => {
      const file = claims(60_000)[format] ?? Buffer.alloc(0);
      expect((await refused(decode(file, input), 'image_too_large')).detail).to.include('60000 x 60000');
    });
  }

  for (const format of ['PNG', 'BMP', 'TIFF']) {
    it(`a ${format} that claims what it does not hold is refused, and costs no memory`, async () => {
      const before = process.memoryUsage().arrayBuffers;
      const file = claims(6000)[format] ?? Buffer.alloc(0);
      expect((await refused(decode(file, input), 'undecodable_image')).detail).to.include(format);
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(10_000_000);
    });
  }

  it('comments in a PNG that swell never reach the decoder', async () => {
    const comment = Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(7_000_000))]);
    const plain = [
      header({ width: 2, height: 2, depth: 8, type: 0 }),
      pngChunk('IDAT', deflateSync(Buffer.from([0, 9, 9, 0, 9, 9]))),
    ] as const;
    const bombs = ['zTXt', 'iTXt', 'sPLT'].map((type) => pngChunk(type, comment));
    const file = png(plain[0], ...bombs, plain[1]);
    expect(stripPng(file)).to.deep.equal(png(...plain));
    expect(Array.from(new Set(await decode(file, input)))).to.deep.equal([9]);
  });

  it('a PNG of very many chunks is refused before libpng has something to say of each', async () => {
    const pixels = pngChunk('IDAT', deflateSync(Buffer.from([0, 9, 9, 0, 9, 9])));
    for (const [name, count] of [
      ['tRNS', 4100],
      ['IDAT', 131_100],
    ] as const) {
      const many = Buffer.concat(Array<Buffer>(count).fill(pngChunk(name, Buffer.alloc(0))));
      const file = png(header({ width: 2, height: 2, depth: 8, type: 0 }), many, pixels);
      const { detail } = await refused(decode(file, input), 'undecodable_image');
      expect(detail, name).to.include('too many chunks');
    }
  });

  it('a PNG whose pixels come in thousands of chunks is read', async () => {
    const rows = Array.from({ length: 160 }, () => [0, ...Array<number>(160).fill(9)]).flat();
    const data = deflateSync(Buffer.from(rows), { level: 0 });
    const parts = Array.from(data, (_, at) => pngChunk('IDAT', data.subarray(at, at + 1)));
    expect(parts).to.have.length.above(20_000);
    const file = png(header({ width: 160, height: 160, depth: 8, type: 0 }), ...parts);
    expect(Array.from(new Set(await decode(file, input)))).to.deep.equal([9]);
  });

  it('a JPEG of very many segments or tables is left to other threads, and read', async () => {
    const file = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#204060' } })
      .jpeg()
      .toBuffer();
    const comments = Buffer.from('\xff\xfe\0\x02'.repeat(20_000), 'latin1');
    const long = Buffer.concat([file.subarray(0, 2), comments, file.subarray(2)]);
    expect(readSegments(file)).to.include({ width: 40 });
    expect(readSegments(long)).to.equal(undefined);
    // Nine tables in one segment, where there are eight of their kind.
    const tables = Buffer.alloc(9 * 17);
    const head = Buffer.from([0xff, 0xc4, 0, 2 + tables.length]);
    const odd = Buffer.concat([file.subarray(0, 2), head, tables, file.subarray(2)]);
    expect(readSegments(odd)).to.equal(undefined);
    for (const same of [long, odd])
      expect(await decode(same, input)).to.deep.equal(await decode(file, input));
  });

  describe('says what is wrong with a PNG, of which libpng says nothing:', () => {
    const size = { width: 2, height: 2, depth: 8, type: 0 };
    const pixels = pngChunk('IDAT', deflateSync(Buffer.from([0, 9, 9, 0, 9, 9])));
    const wrongSum = header(size);
    wrongSum[wrongSum.length - 1] = (wrongSum.at(-1) ?? 0) ^ 1;
    const wrongNote = pngChunk('tEXt', Buffer.from('a\0b'));
    wrongNote[wrongNote.length - 1] = (wrongNote.at(-1) ?? 0) ^ 1;
    const faults = {
      'the checksum of its IHDR chunk is wrong': png(wrongSum, pixels),
      'its header (IHDR) names what no PNG can have': png(header({ ...size, width: 0 }), pixels),
      'it has no pixels (IDAT)': png(header(size), wrongNote),
      'it is cut off': png(header(size), pixels).subarray(0, 40),
    };
    for (const [fault, file] of Object.entries(faults)) {
      it(fault, async () => {
        const { detail } = await refused(decode(file, input), 'undecodable_image');
        expect(detail).to.equal(`the file begins as PNG, but cannot be read: ${fault}`);
      });
    }
  });

  it('a PNG without anything to leave out is not copied', () => {
    const file = png(header({ width: 1, height: 1, depth: 8, type: 0 }));
    expect(stripPng(file)).to.equal(file);
  });

  it('garbage in the middle of a JPEG is refused, not shown in grey', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const picture = sharp({ create: { width: 300, height: 300, channels: 3, background: 'red', noise } });
    for (const progressive of [false, true]) {
      const file = await picture.clone().jpeg({ progressive }).toBuffer();
      for (let at = 0; at < 200; at += 1) file[(file.length >> 1) + at] = (at * 73 + 11) & 255;
      await refused(decode(file, input), 'undecodable_image');
    }
  });

  it('a sound JPEG with bytes too many before its end is shown', async () => {
    const picture = sharp({ create: { width: 300, height: 300, channels: 3, background: '#204060' } });
    const file = await picture.jpeg().toBuffer();
    const padded = Buffer.concat([file.subarray(0, -2), Buffer.alloc(5, 1), file.subarray(-2)]);
    expect((await decode(padded, input))[0]).to.be.closeTo(0x20, 3);
  });

  const large = (): Promise<Record<string, Buffer>> => {
    const picture = sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#204060' } });
    const bits = { width: 8000, height: 4000, bits: 1, palette: Buffer.alloc(8) } as const;
    return Promise.all([
      picture.clone().jpeg({ progressive: true }).toBuffer(),
      picture.clone().png({ progressive: true, compressionLevel: 1 }).toBuffer(),
    ]).then(([jpeg, interlaced]) => ({
      'progressive JPEG': jpeg,
      'interlaced PNG': interlaced,
      bitmap: bmp({ ...bits, rows: Buffer.alloc(1000 * 4000) }),
    }));
  };

  for (const kernel of ['bilinear', 'nearest'] as const) {
    it(`others get their turn while a large picture is decoded (${kernel})`, async () => {
      for (const [what, file] of Object.entries(await large())) {
        let turns = 0;
        const timer = setInterval(() => (turns += 1), 1);
        await decode(file, { ...input, resize: { fit: 'fill', kernel } });
        clearInterval(timer);
        expect(turns, what).to.be.at.least(5);
      }
    });
  }
});
