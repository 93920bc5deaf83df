import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import sharp from 'sharp';
import { createPngDecoder } from '../../../src/imaging/png/decode-png.js';
import { nativeDecoders } from '../../../src/native/native-decoders.js';
import { ownDecoders } from '../../helpers/own-addon.js';
import { header, png, pngChunk } from '../../helpers/png-file.js';

/** As libvips decodes it, in three channels, or four where it sees opacity. */
async function byLibvips(bytes: Uint8Array): Promise<{ data: Uint8Array; channels: number }> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, channels: info.channels };
}

const COLOUR_TYPES = [
  { type: 0, samples: 1, depths: [1, 2, 4, 8] },
  { type: 2, samples: 3, depths: [8, 16] },
  { type: 3, samples: 1, depths: [1, 2, 4, 8] },
  { type: 4, samples: 2, depths: [8, 16] },
  { type: 6, samples: 4, depths: [8, 16] },
] as const;

const kinds = COLOUR_TYPES.flatMap(({ type, samples, depths }) =>
  depths.map((depth) => ({ type, samples, depth })),
);

const ways = { 'by our own addon': nativeDecoders()?.inflateRows, 'by Node': undefined };

for (const [way, inflateRows] of Object.entries(ways))
  describe(`PNGs, inflated ${way}`, () => {
    const decodePng = createPngDecoder(inflateRows);

    before(function () {
      if (way === 'by our own addon') ownDecoders(this);
    });

    for (const { type, samples, depth } of kinds) {
      it(`agrees with libvips to the byte on colour type ${type} with ${depth} bits, whatever the filters`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 1, max: 9 }),
            fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
            fc.boolean(),
            async (width, height, stream, isTransparent) => {
              const bytes = (length: number): Buffer => Buffer.from([...stream.take(length)]);
              const rowLength = Math.ceil((width * samples * depth) / 8);
              const rows = bytes(height * (rowLength + 1));
              for (let row = 0; row < height; row += 1) {
                const filter = row * (rowLength + 1);
                rows[filter] = (rows[filter] ?? 0) % 5;
              }
              const palette = type === 3 ? [pngChunk('PLTE', bytes(3 << depth))] : [];
              const named = type === 3 ? bytes(1 << depth) : Buffer.alloc(samples * 2, 0);
              const transparency = isTransparent && type < 4 ? [pngChunk('tRNS', named)] : [];
              const file = png(
                header({ width, height, depth, type }),
                ...palette,
                ...transparency,
                pngChunk('IDAT', deflateSync(rows)),
              );
              const found = decodePng(file)?.raster;
              if (found === undefined) throw new Error('it was not decoded');
              const { data, channels } = await byLibvips(file);
              const wide =
                found.channels === 1
                  ? Array.from(found.data).flatMap((grey) => [grey, grey, grey])
                  : found.data;
              expect(found.channels === 1 ? 3 : found.channels).to.equal(channels);
              expect(Buffer.from(wide).equals(data)).to.equal(true);
            },
          ),
          { numRuns: 25 },
        );
      });
    }

    it('takes the upper 8 of 16 bits of grey', () => {
      const rows = deflateSync(Buffer.from([0, 0x12, 0x34, 0xff, 0x00]));
      const file = png(header({ width: 2, height: 1, depth: 16, type: 0 }), pngChunk('IDAT', rows));
      expect(Array.from(decodePng(file)?.raster.data ?? [])).to.deep.equal([0x12, 0xff]);
    });

    it('puts data together that is cut into many chunks', () => {
      const rows = deflateSync(Buffer.from([0, 1, 2, 3]));
      const cut = Array.from(rows, (byte) => pngChunk('IDAT', Buffer.from([byte])));
      const file = png(header({ width: 3, height: 1, depth: 8, type: 0 }), ...cut);
      expect(Array.from(decodePng(file)?.raster.data ?? [])).to.deep.equal([1, 2, 3]);
    });

    it('keeps nothing of one picture in the next', () => {
      const bytes = (shade: number) =>
        png(
          header({ width: 9, height: 9, depth: 8, type: 0 }),
          pngChunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: 9 }, () => row(shade))))),
        );
      const row = (shade: number) => Buffer.from([0, ...new Uint8Array(9).fill(shade)]);
      const [first, second] = [decodePng(bytes(7)), decodePng(bytes(8))];
      expect([first, second].map((decoded) => Array.from(decoded?.raster.data ?? []))).to.deep.equal([
        Array.from(new Uint8Array(81).fill(7)),
        Array.from(new Uint8Array(81).fill(8)),
      ]);
    });

    it('decodes pictures whose rows need more than the memory that is kept for them', () => {
      const [width, height] = [700, 500];
      const rows = Buffer.alloc(height * (width + 1), 5);
      for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
      const file = png(header({ width, height, depth: 8, type: 0 }), pngChunk('IDAT', deflateSync(rows)));
      expect(decodePng(file)?.raster.data).to.deep.equal(new Uint8Array(width * height).fill(5));
    });

    describe('leaves to libvips', () => {
      const grey = header({ width: 3, height: 1, depth: 8, type: 0 });
      const rows = (...bytes: number[]) => pngChunk('IDAT', deflateSync(Buffer.from(bytes)));
      const wrongSum = rows(0, 1, 2, 3);
      wrongSum.writeUInt8(wrongSum.readUInt8(wrongSum.length - 1) ^ 1, wrongSum.length - 1);
      const deflated = deflateSync(Buffer.from([0, 1, 2, 3]));
      const badSum = Buffer.from(deflated);
      badSum.writeUInt8(badSum.readUInt8(badSum.length - 1) ^ 1, badSum.length - 1);

      const cases: Record<string, Buffer> = {
        'a wrong checksum': png(grey, wrongSum),
        'too little data': png(grey, rows(0, 1, 2)),
        'data that are cut short': png(grey, pngChunk('IDAT', deflated.subarray(0, -1))),
        'data with a wrong checksum of their own': png(grey, pngChunk('IDAT', badSum)),
        'data that are not zlib’s': png(grey, pngChunk('IDAT', Buffer.from('hello, hello'))),
        'no data': png(grey, pngChunk('IDAT', Buffer.alloc(0))),
        'a second palette': png(
          header({ width: 3, height: 1, depth: 8, type: 3 }),
          pngChunk('PLTE', Buffer.alloc(6)),
          pngChunk('PLTE', Buffer.alloc(6)),
          rows(0, 0, 1, 1),
        ),
        'more data than the header announced': png(grey, rows(0, 1, 2, 3, 4)),
        'a filter that does not exist': png(grey, rows(5, 1, 2, 3)),
        'an interlaced picture': png(
          header({ width: 3, height: 1, depth: 8, type: 0, interlace: 1 }),
          rows(0, 1, 0, 2, 3),
        ),
        'a colour profile': png(grey, pngChunk('iCCP', Buffer.from('x\0\0')), rows(0, 1, 2, 3)),
        'a palette index without a colour': png(
          header({ width: 3, height: 1, depth: 8, type: 3 }),
          pngChunk('PLTE', Buffer.alloc(6)),
          rows(0, 0, 1, 2),
        ),
        'an unknown chunk that is critical': png(grey, pngChunk('NEWS', Buffer.alloc(0)), rows(0, 1, 2, 3)),
        'a missing end': png(grey, rows(0, 1, 2, 3)).subarray(0, -12),
      };
      for (const [what, file] of Object.entries(cases)) {
        it(what, () => {
          expect(decodePng(file)).to.equal(undefined);
        });
      }
    });

    it('never inflates more than the header announced', () => {
      const bomb = png(
        header({ width: 3, height: 1, depth: 8, type: 0 }),
        pngChunk('IDAT', deflateSync(Buffer.alloc(50_000_000))),
      );
      const before = process.memoryUsage().arrayBuffers;
      expect(decodePng(bomb)).to.equal(undefined);
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(1_000_000);
    });
  });
