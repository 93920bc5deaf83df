import { expect } from 'chai';
import fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import type { ImageInput } from '../../../src/contracts/model.js';
import type { NativeDecoders, ShrinkJpeg } from '../../../src/contracts/native-decoders.js';
import { AppError } from '../../../src/errors/app-error.js';
import { createDecoder } from '../../../src/imaging/decode.js';
import { readFacts } from '../../../src/imaging/facts.js';
import { createFitter } from '../../../src/imaging/fit-to-input.js';
import { createJpegDecoder } from '../../../src/imaging/jpeg/shrink-jpeg.js';
import type { Orientation } from '../../../src/imaging/orientation.js';
import { createResampler } from '../../../src/imaging/resample/resample.js';
import { atOnce } from '../../../src/imaging/slices.js';
import { withOrientation } from '../../helpers/exif-jpeg.js';
import { formulaPicture } from '../../helpers/formula-picture.js';
import { imageInput } from '../../helpers/image-input.js';
import { onlyGreyInScan } from '../../helpers/jpeg-scan.js';
import { ownDecoders } from '../../helpers/own-addon.js';

const jpeg = (width: number, height: number, channels: 1 | 3, options: JpegOptions = {}) => {
  const { data } = formulaPicture(width, height, channels);
  const picture = sharp(data, { raw: { width, height, channels } });
  return (channels === 1 ? picture.toColourspace('b-w') : picture).jpeg(options).toBuffer();
};

const byHand = createFitter(createResampler());

/** Decoded whole by libvips, resized by our own TypeScript, which is held against Pillow. */
async function expected(bytes: Buffer, orientation: Orientation, wanted: ImageInput): Promise<Uint8Array> {
  const { data, info } = await sharp(bytes, { autoOrient: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const channels = info.channels === 1 ? 1 : 3;
  const raster = { width: info.width, height: info.height, channels, data } as const;
  return atOnce(byHand({ raster, orientation }, wanted));
}

function mostApart(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) throw new Error('of different length');
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? 0))), 0);
}

describe('JPEGs in the native decoder', function () {
  let native: NativeDecoders;
  let shrinkJpeg: ShrinkJpeg;
  let decode: (bytes: Buffer, wanted: ImageInput) => Promise<Uint8Array | undefined>;

  before(function () {
    native = ownDecoders(this);
    ({ shrinkJpeg } = native);
    const decodePlain = createJpegDecoder(shrinkJpeg);
    decode = async (bytes, wanted) => {
      const facts = await readFacts(bytes, 'JPEG');
      const stored = await decodePlain({ bytes, format: 'JPEG', facts, input: wanted, maxPixels: 1e7 });
      return stored && atOnce(byHand(stored, wanted));
    };
  });

  const side = fc.integer({ min: 1, max: 400 });
  const options = fc.record({
    quality: fc.integer({ min: 1, max: 100 }),
    chromaSubsampling: fc.constantFrom('4:4:4', '4:2:0'),
    optimiseCoding: fc.boolean(),
  });
  const wantedInput = fc.record({
    width: fc.integer({ min: 1, max: 130 }),
    height: fc.integer({ min: 1, max: 130 }),
    resize: fc.record({
      fit: fc.constantFrom('fill', 'cover', 'contain'),
      kernel: fc.constantFrom('bilinear', 'bicubic', 'lanczos'),
    }),
  });

  it('are resized as Pillow does it, to the last bit: any size, kernel and fit, colour and grey', async () => {
    const colours = fc.constantFrom(1, 3);
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        colours,
        options,
        wantedInput,
        async (width, height, channels, how, size) => {
          const bytes = await jpeg(width, height, channels, how);
          const wanted = imageInput({ ...size, channels });
          const found = await decode(bytes, wanted);
          expect(found && mostApart(found, await expected(bytes, 1, wanted))).to.equal(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are turned upright', async () => {
    const stored = await jpeg(320, 200, 3);
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as const) {
      for (const fit of ['fill', 'cover', 'contain'] as const) {
        const bytes = withOrientation(stored, orientation);
        const wanted = imageInput({ height: 40, resize: { fit, kernel: 'bilinear' } });
        const found = (await decode(bytes, wanted)) ?? new Uint8Array();
        // Rows and columns are rounded in the other order.
        expect(mostApart(found, await expected(bytes, orientation, wanted))).to.be.at.most(1);
      }
    }
  });

  it('let others have their turn meanwhile', async () => {
    const bytes = await jpeg(1600, 1200, 3);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await decode(bytes, imageInput());
    clearInterval(timer);
    expect(turns).to.be.at.least(3);
  });

  it('many at a time, each get their own pixels', async () => {
    const files = await Promise.all([100, 150, 200, 250, 300, 350].map((width) => jpeg(width, 200, 3)));
    const wanted = imageInput();
    const found = await Promise.all(files.map((file) => decode(file, wanted)));
    for (const [at, file] of files.entries()) {
      expect(mostApart(found[at] ?? new Uint8Array(), await expected(file, 1, wanted))).to.equal(0);
    }
  });

  describe('are left to libvips', () => {
    const leaves = async (bytes: Buffer, wanted = imageInput()): Promise<void> => {
      expect(await decode(bytes, wanted)).to.equal(undefined);
      const [found, byLibvips] = await Promise.all(
        [native, undefined].map((decoders) => outcome(bytes, wanted, decoders)),
      );
      expect(found).to.deep.equal(byLibvips);
    };
    /** Pixels, or the code of what is wrong. */
    const outcome = (bytes: Buffer, wanted: ImageInput, decoders: NativeDecoders | undefined) =>
      createDecoder({ maxMegapixels: 10, native: decoders })(bytes, wanted).catch((error: unknown) =>
        error instanceof AppError ? error.code : error,
      );
    const damaged = async (bytes: Buffer): Promise<void> => {
      await leaves(bytes);
      expect(await outcome(bytes, imageInput(), native)).to.equal('undecodable_image');
    };
    const plain = (options: JpegOptions = {}): Promise<Buffer> => jpeg(300, 200, 3, options);

    it('that are progressive', async () => leaves(await plain({ progressive: true })));

    it('with a profile', async () => {
      await leaves(
        await sharp(await plain())
          .withIccProfile('p3')
          .jpeg()
          .toBuffer(),
      );
    });

    it('in four colours', async () => {
      await leaves(
        await sharp(await plain())
          .toColourspace('cmyk')
          .jpeg()
          .toBuffer(),
      );
    });

    it('for models that take the nearest pixel', async () => {
      await leaves(await plain(), imageInput({ resize: { fit: 'fill', kernel: 'nearest' } }));
    });

    it('that are large', async () => leaves(await jpeg(2000, 1200, 3)));

    it('that are cut short', async () => {
      const file = await plain();
      await damaged(file.subarray(0, -200));
      await damaged(Buffer.concat([file.subarray(0, -200), Buffer.from([0xff, 0xd9])]));
    });

    it('that are damaged in the middle', async () => {
      const file = await plain();
      for (let at = 0; at < 100; at += 1) file[(file.length >> 1) + at] = (at * 73 + 11) & 255;
      await damaged(file);
    });

    it('of another size than the decoder was told', async () => {
      const bytes = await plain();
      const facts = { ...(await readFacts(bytes, 'JPEG')), width: 299 };
      const lied = { bytes, format: 'JPEG', facts, input: imageInput(), maxPixels: 1e7 } as const;
      expect(await createJpegDecoder(shrinkJpeg)(lied)).to.equal(undefined);
    });

    it('whose one scan does not bring all colours', async () => {
      const file = await plain();
      const bytes = onlyGreyInScan(file);
      expect((await readFacts(bytes, 'JPEG')).plainJpeg).to.equal(undefined);
      expect((await readFacts(file, 'JPEG')).plainJpeg).to.equal(3);
    });
  });

  it('refuses tables that reach outside of the picture', async () => {
    const bytes = new Uint8Array(10);
    const picture = Int32Array.of(8, 8, 1);
    const one = new Uint8Array(1);
    const table = (first: number, count: number): Int32Array =>
      Int32Array.of(1, 8, first, count, 1, 1, 1, 1, 1, 1, 1, 1);
    const good = table(0, 8);
    const refuses = async (
      ...[size, across, down, result]: [Int32Array, Int32Array, Int32Array, Uint8Array]
    ) => {
      const outcome = await shrinkJpeg(bytes, size, across, down, result).catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(TypeError);
    };
    for (const bad of [
      table(1, 8),
      table(-1, 3),
      table(0, 9),
      table(0, 0),
      good.subarray(0, 5),
      Int32Array.of(),
    ]) {
      await refuses(picture, bad, good, one);
      await refuses(picture, good, bad, one);
    }
    await refuses(picture, good, good, new Uint8Array(2));
    await refuses(Int32Array.of(8, 8, 2), good, good, one);
    expect(await shrinkJpeg(bytes, picture, good, good, one)).to.equal(false);
  });
});
