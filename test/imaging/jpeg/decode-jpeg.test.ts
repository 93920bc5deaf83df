import { expect } from 'chai';
import fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import { decodeJpeg } from '../../../src/imaging/jpeg/decode-jpeg.js';
import { onlyGreyInScan } from '../../helpers/jpeg-scan.js';
import { withOrientation } from '../../helpers/exif-jpeg.js';
import { formulaPicture } from '../../helpers/formula-picture.js';

const picture = (width: number, height: number, channels: 1 | 3 = 3) => {
  const { data } = formulaPicture(width, height, channels);
  return sharp(data, { raw: { width, height, channels } });
};

const byLibvips = (bytes: Uint8Array, grey: boolean) =>
  sharp(bytes)
    .toColourspace(grey ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();

const size = fc.integer({ min: 8, max: 50 });
const quality = fc.integer({ min: 1, max: 100 });

describe('decodeJpeg', () => {
  for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
    it(`agrees with libjpeg-turbo to the byte on ${chromaSubsampling}, in every size and quality`, async () => {
      await fc.assert(
        fc.asyncProperty(size, size, quality, async (width, height, level) => {
          const file = await picture(width, height).jpeg({ chromaSubsampling, quality: level }).toBuffer();
          const found = decodeJpeg(file)?.raster;
          expect(found).to.include({ width, height, channels: 3 });
          expect((await byLibvips(file, false)).equals(found?.data ?? new Uint8Array())).to.equal(true);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('agrees with it on grey', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, quality, async (width, height, level) => {
        const file = await picture(width, height, 1).toColourspace('b-w').jpeg({ quality: level }).toBuffer();
        const found = decodeJpeg(file)?.raster;
        expect(found).to.include({ width, height, channels: 1 });
        expect((await byLibvips(file, true)).equals(found?.data ?? new Uint8Array())).to.equal(true);
      }),
      { numRuns: 30 },
    );
  });

  it('reads the orientation', async () => {
    const file = withOrientation(await picture(9, 8).jpeg().toBuffer(), 6);
    expect(decodeJpeg(file)?.orientation).to.equal(6);
  });

  describe('leaves to libvips', () => {
    const refuses = async (options: JpegOptions, change: (file: Buffer) => Buffer = (file) => file) => {
      expect(decodeJpeg(change(await picture(40, 30).jpeg(options).toBuffer()))).to.equal(undefined);
    };

    it('progressive pictures', () => refuses({ progressive: true }));
    it('pictures whose one scan does not bring all colours', () => refuses({}, onlyGreyInScan));
    it('pictures that are cut off', () => refuses({}, (file) => file.subarray(0, -40)));
    it('pictures without an end', () => refuses({}, (file) => file.subarray(0, -2)));
    it('pictures with bytes left over', () =>
      refuses({}, (file) => Buffer.concat([file.subarray(0, -2), Buffer.alloc(9, 7), file.subarray(-2)])));
    it('printing colours', async () => {
      const file = await picture(20, 20).toColourspace('cmyk').jpeg().toBuffer();
      expect(decodeJpeg(file)).to.equal(undefined);
    });
    it('pictures with a profile', async () => {
      const file = await picture(20, 20).withIccProfile('p3').jpeg().toBuffer();
      expect(decodeJpeg(file)).to.equal(undefined);
    });
  });

  it('neither throws nor hangs, whatever byte is wrong', async () => {
    const file = await picture(24, 24).jpeg().toBuffer();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (changes) => {
          const damaged = Buffer.from(file);
          for (const [at, byte] of changes) damaged[at] = byte;
          const found = decodeJpeg(damaged);
          if (found !== undefined) {
            expect(found.raster.data.length % (found.raster.width * found.raster.height)).to.equal(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
