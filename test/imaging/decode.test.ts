import { expect } from 'chai';
import sharp, { type Color } from 'sharp';
import type { ImageInput } from '../../src/contracts/model.js';
import { AppError } from '../../src/errors/app-error.js';
import { createDecoder } from '../../src/imaging/decode.js';
import { bmp } from '../helpers/bmp-file.js';
import { withOrientation } from '../helpers/exif-jpeg.js';
import { imageInput } from '../helpers/image-input.js';
import { formulaPicture } from '../helpers/formula-picture.js';
import { refused } from '../helpers/refused.js';
import { tiff } from '../helpers/tiff-file.js';

const decode = createDecoder({ maxMegapixels: 1 });

const input = (wanted: Partial<ImageInput> = {}): ImageInput =>
  imageInput({ height: 4, width: 4, ...wanted });

const plain = (background: Color, width = 8, height = 8, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background } });

/** Left half of one colour, right half of another. */
const halves = async (left: Color, right: Color) =>
  sharp(
    await plain(left, 16, 16)
      .composite([{ input: await plain(right, 8, 16).png().toBuffer(), left: 8, top: 0 }])
      .png()
      .toBuffer(),
  );

const pixel = (pixels: Uint8Array, { width, channels }: ImageInput, row: number, column: number): number[] =>
  Array.from(pixels.subarray((row * width + column) * channels, (row * width + column + 1) * channels));

const expectNear = (found: number[], wanted: number[], tolerance = 3): void => {
  expect(found).to.have.length(wanted.length);
  for (const [at, value] of wanted.entries()) expect(found[at]).to.be.closeTo(value, tolerance);
};

describe('createDecoder', () => {
  it('passes a greyscale picture of the right size through byte by byte', async () => {
    const grey = Uint8Array.from({ length: 256 }, (_, at) => at);
    const png = await sharp(grey, { raw: { width: 16, height: 16, channels: 1 } })
      .png()
      .toBuffer();
    const pixels = await decode(png, input({ height: 16, width: 16, channels: 1 }));
    expect(pixels).to.deep.equal(grey);
  });

  for (const channels of [1, 3, 4] as const) {
    it(`gives ${channels === 1 ? '1 channel' : `${channels} channels`}`, async () => {
      const wanted = input({ channels, height: 5, width: 7 });
      const pixels = await decode(await plain('red').png().toBuffer(), wanted);
      expect(pixels).to.have.length(5 * 7 * channels);
      expect([...pixels.subarray(0, channels)]).to.deep.equal(
        { 1: [76], 3: [255, 0, 0], 4: [255, 0, 0, 255] }[channels],
      );
    });
  }

  for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
    it(`reads ${format}`, async () => {
      const bytes = await plain({ r: 200, g: 100, b: 50 }).toFormat(format).toBuffer();
      expectNear(pixel(await decode(bytes, input()), input(), 2, 2), [200, 100, 50], 8);
    });
  }

  it('turns colour into brightness as Pillow does', async () => {
    const grey = input({ channels: 1 });
    for (const [colour, brightness] of [
      ['#ff0000', 76],
      ['#00ff00', 150],
      ['#0000ff', 29],
    ] as const) {
      expect((await decode(await plain(colour).png().toBuffer(), grey))[0]).to.equal(brightness);
    }
  });

  it('turns the picture upright by its EXIF orientation', async () => {
    // Orientation 6: the first row of the file is the right-hand edge of the scene.
    const lying = await (
      await halves('red', 'blue')
    )
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const pixels = await decode(lying, input({ height: 8, width: 8 }));
    expectNear(pixel(pixels, input({ width: 8 }), 0, 4), [254, 0, 0], 6);
    expectNear(pixel(pixels, input({ width: 8 }), 7, 4), [0, 0, 254], 6);
  });

  it('shows the background through what is transparent', async () => {
    const clear = await plain({ r: 255, g: 0, b: 0, alpha: 0 }, 8, 8, 4).png().toBuffer();
    for (const background of [0, 128, 255]) {
      expectNear(
        pixel(await decode(clear, input({ background })), input(), 1, 1),
        [background, background, background],
        0,
      );
    }
  });

  it('keeps opacity for a model that looks at it, and makes an opaque picture opaque', async () => {
    const wanted = input({ channels: 4 });
    const half = await plain({ r: 0, g: 255, b: 0, alpha: 0.5 }, 8, 8, 4).png().toBuffer();
    expectNear(pixel(await decode(half, wanted), wanted, 1, 1), [0, 255, 0, 128], 1);
    expectNear(
      pixel(await decode(await plain('blue').png().toBuffer(), wanted), wanted, 1, 1),
      [0, 0, 255, 255],
      0,
    );
  });

  it('brings 16 bits down to 8', async () => {
    const deep = Uint16Array.from({ length: 64 }, () => 0x8000);
    const png = await sharp(deep, { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).to.equal('ushort');
    expect((await decode(png, input({ channels: 1 })))[5]).to.be.closeTo(128, 1);
  });

  it('brings CMYK to RGB', async () => {
    const cmyk = await plain({ r: 255, g: 0, b: 0 }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).to.equal('cmyk');
    const [red = 0, green = 255, blue = 255] = pixel(await decode(cmyk, input()), input(), 1, 1);
    expect(red).to.be.above(200);
    expect(Math.max(green, blue)).to.be.below(80);
  });

  it('reads palette and interlaced PNGs', async () => {
    for (const options of [{ palette: true }, { progressive: true }]) {
      const bytes = await plain('#204060').png(options).toBuffer();
      expectNear(pixel(await decode(bytes, input()), input(), 1, 1), [0x20, 0x40, 0x60], 1);
    }
  });

  it('reads bitmaps, small and large', async () => {
    for (const side of [8, 600]) {
      const rows = Buffer.alloc(side * side * 3);
      for (let at = 0; at < rows.length; at += 3) rows.set([50, 100, 200], at);
      const file = bmp({ width: side, height: side, bits: 24, rows });
      expectNear(pixel(await decode(file, input()), input(), 2, 2), [200, 100, 50], 0);
    }
  });

  for (const side of [64, 400]) {
    it(`turns a picture of ${side} pixels upright, whatever the orientation`, async () => {
      const { data } = formulaPicture(16, 16, 3);
      const upright = sharp(data, { raw: { width: 16, height: 16, channels: 3 } }).resize(side, side);
      const jpeg = await upright.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
      const wanted = input({ height: 16, width: 16 });
      for (let orientation = 1; orientation <= 8; orientation += 1) {
        const file = withOrientation(jpeg, orientation);
        const turned = await sharp(file).autoOrient().png().toBuffer();
        const [found, expected] = [await decode(file, wanted), await decode(turned, wanted)];
        const difference = found.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? 0)), 0);
        expect(difference / found.length, `orientation ${orientation}`).to.be.below(1);
      }
    });
  }

  for (const depth of ['srgb', 'rgb16']) {
    it(`brings the colours of a profile to sRGB (${depth})`, async () => {
      const file = await plain({ r: 200, g: 60, b: 90 })
        .toColourspace(depth)
        .withIccProfile('p3')
        .png()
        .toBuffer();
      const { data } = await sharp(file, { ignoreIcc: true })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      expectNear(Array.from(data.subarray(0, 1)), [184], 2);
      expectNear(pixel(await decode(file, input()), input(), 1, 1), [200, 60, 90], 2);
    });
  }

  it('takes printing colours without a profile as Pillow does', async () => {
    const ink = Buffer.alloc(8 * 8 * 4);
    for (let at = 0; at < ink.length; at += 4) ink.set([0, 128, 255, 51], at);
    const file = tiff({ width: 8, height: 8, samples: 4, photometric: 5, data: ink });
    expect((await sharp(file).metadata()).space).to.equal('cmyk');
    // light x (255 - ink) / 255, where light is what black leaves
    expectNear(pixel(await decode(file, input()), input(), 1, 1), [204, 102, 0], 1);
  });

  it('takes the upper eight of sixteen bits of ink', async () => {
    const ink = Uint16Array.from(
      { length: 8 * 8 * 4 },
      (_, at) => (([0, 128, 255, 51][at % 4] ?? 0) << 8) | 255,
    );
    const data = Buffer.from(ink.buffer);
    const file = tiff({ width: 8, height: 8, samples: 4, photometric: 5, bits: 16, data });
    expect((await sharp(file).metadata()).depth).to.equal('ushort');
    expectNear(pixel(await decode(file, input()), input(), 1, 1), [204, 102, 0], 1);
  });

  it('takes printing colours with a profile that cannot be used as those without one', async () => {
    const file = await plain({ r: 200, g: 60, b: 90 })
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(file).metadata()).hasProfile).to.equal(true);
    const damaged = Buffer.from(file);
    damaged.write('????', file.indexOf('acsp'), 'latin1');
    const other = Buffer.from(file);
    other.write('RGB ', file.indexOf('acsp') - 20, 'latin1');
    const without = Buffer.from(file);
    for (let at = 0; (at = without.indexOf('ICC_PROFILE', at)) >= 0;) without.fill('x', at, at + 11);
    const wanted = await decode(without, input());
    expect(wanted).not.to.deep.equal(await decode(file, input()));
    for (const bad of [damaged, other]) expect(await decode(bad, input())).to.deep.equal(wanted);
  });

  it('leaves out a band of a TIFF that is said to mean nothing, and shows what another is opacity of', async () => {
    const data = Buffer.from(Array.from({ length: 8 * 8 }, () => [200, 100, 50, 0]).flat());
    const rgb = (extra: number) => tiff({ width: 8, height: 8, samples: 4, photometric: 2, extra, data });
    expectNear(pixel(await decode(rgb(0), input()), input(), 1, 1), [200, 100, 50], 0);
    expectNear(pixel(await decode(rgb(2), input({ background: 7 })), input(), 1, 1), [7, 7, 7], 0);
    const opaque = await decode(rgb(0), input({ channels: 4 }));
    expect(Array.from(opaque.subarray(0, 4))).to.deep.equal([200, 100, 50, 255]);
  });

  it('leaves such a band out of large pictures, of grey ones, and of BigTIFFs', async () => {
    const side = 600;
    const rgb = Buffer.from(Array.from({ length: side * side }, () => [200, 100, 50, 0]).flat());
    const grey = Buffer.from(Array.from({ length: side * side }, () => [90, 0]).flat());
    const large = { width: side, height: side, extra: 0 };
    const files = {
      rgb: tiff({ ...large, samples: 4, photometric: 2, data: rgb }),
      grey: tiff({ ...large, samples: 2, photometric: 1, data: grey }),
      big: await sharp(rgb, { raw: { width: side, height: side, channels: 4 } })
        .tiff({ bigtiff: true, compression: 'none' })
        .toBuffer(),
    };
    const tag = files.big.indexOf(Buffer.from([0x52, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0]));
    expect(tag).to.be.above(0);
    files.big.writeUInt16LE(0, tag + 12);
    expectNear(pixel(await decode(files.rgb, input()), input(), 1, 1), [200, 100, 50], 0);
    expectNear(pixel(await decode(files.big, input()), input(), 1, 1), [200, 100, 50], 0);
    expectNear(pixel(await decode(files.grey, input()), input(), 1, 1), [90, 90, 90], 0);
  });

  it('turns pictures with such a band upright, too', async () => {
    for (const side of [8, 600]) {
      // Dark at the upper left, bright to the right and below.
      const pixels = Array.from({ length: side * side }, (_, at) => [
        ((at % side) * 255) / side,
        (at / side / side) * 255,
      ]);
      const of = { width: side, height: side, photometric: 2, orientation: 6 };
      const plain = tiff({
        ...of,
        samples: 3,
        data: Buffer.from(pixels.flatMap(([x = 0, y = 0]) => [x, y, 0])),
      });
      const spare = tiff({
        ...of,
        samples: 4,
        extra: 0,
        data: Buffer.from(pixels.flatMap(([x = 0, y = 0]) => [x, y, 0, 9])),
      });
      const [upright, turned] = [await decode(plain, input()), await decode(spare, input())];
      expectNear(Array.from(turned), Array.from(upright), 1);
      const [left = 0] = pixel(turned, input(), 0, 0);
      expect(pixel(turned, input(), 3, 0)[0], 'what was at the right is below').to.be.above(left + 100);
    }
  });

  for (const name of ['avis', 'miaf', 'MA1B']) {
    it(`reads an AVIF that calls itself ${name}`, async () => {
      const still = await (await halves('red', 'blue')).avif({ quality: 90 }).toBuffer();
      expect(still.subarray(8, 12).toString()).to.equal('avif');
      const named = Buffer.from(still);
      named.write(name, 8, 'latin1');
      const before = Buffer.from(named);
      expect(await decode(named, input())).to.deep.equal(await decode(still, input()));
      expect(named, 'an upload belongs to others as well').to.deep.equal(before);
    });
  }

  describe('a first frame that does not fill its GIF', () => {
    const [around, within] = [
      [10, 20, 30],
      [200, 100, 50],
    ];
    /** Two by two pixels, whose upper left one is in the middle of the canvas. */
    const part = ({ side = 4, own = false, before = '' } = {}): Buffer => {
      const [canvas, corner] = [Uint16Array.of(side, side), Uint16Array.of(side / 2, side / 2)];
      const palette = Buffer.from([...around, ...within]);
      const other = Buffer.from([1, 1, 1, 2, 2, 2]);
      return Buffer.concat([
        Buffer.from('GIF89a'),
        Buffer.from(canvas.buffer),
        Buffer.from([0x80, 0, 0]),
        own ? other : palette,
        Buffer.from(`${before},`, 'latin1'),
        Buffer.from(corner.buffer),
        Buffer.from([2, 0, 2, 0, own ? 0x80 : 0]),
        own ? palette : Buffer.alloc(0),
        // Of three bits each: clear, 1, 1, clear, 1, 1, end
        Buffer.from([2, 3, 0b01_001_100, 0b1_001_100_0, 0b101_00, 0, 0x3b]),
      ]);
    };
    const shown = async (file: Buffer, wanted = input()) => {
      const pixels = await decode(file, wanted);
      return [pixel(pixels, wanted, 0, 0), pixel(pixels, wanted, 1, 2), pixel(pixels, wanted, 3, 3)];
    };

    it("is surrounded by its palette's first colour, as Pillow does it", async () => {
      expect(await shown(part())).to.deep.equal([around, around, within]);
    });

    it('has a palette of its own', async () => {
      expect(await shown(part({ own: true }))).to.deep.equal([around, around, within]);
    });

    it('stands behind comments', async () => {
      const comment = `!\xfe${'\x01a'.repeat(300)}\0`;
      expect(await shown(part({ before: comment.repeat(3) }))).to.deep.equal([around, around, within]);
    });

    it('is lost in a large canvas', async () => {
      expect(await shown(part({ side: 600 }))).to.deep.equal([around, around, around]);
    });

    it('is where it should be on a canvas that nobody can mean', async () => {
      const file = part();
      file.writeUInt16LE(60_000, 6);
      file.writeUInt16LE(60_000, 8);
      expect(await shown(file)).to.deep.equal([around, around, within]);
    });

    it('keeps its opacity for a model that takes it', async () => {
      const rgba = await decode(part(), input({ channels: 4 }));
      expect(Array.from(rgba.subarray(0, 4))).to.deep.equal([...around, 255]);
    });

    it('is seen on the background where a colour is transparent', async () => {
      const control = '!\xf9\x04\x01\0\0\0\0';
      const [first, , last] = await shown(part({ before: control }), input({ background: 7 }));
      expect([first, last]).to.deep.equal([[7, 7, 7], within]);
    });
  });

  it('takes the first frame of an animation', async () => {
    const frames = [await plain('red').png().toBuffer(), await plain('blue').png().toBuffer()];
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).to.equal(2);
    expectNear(pixel(await decode(gif, input()), input(), 1, 1), [255, 0, 0]);
  });

  it('leaves colours that are nearly transparent as they are where nothing is resized', async () => {
    const pixels = Uint8Array.from({ length: 4 * 4 * 4 }, (_, at) => (at % 4 === 3 ? 3 : (at * 37) & 255));
    const picture = sharp(pixels, { raw: { width: 4, height: 4, channels: 4 } });
    for (const file of [
      await picture.png().toBuffer(),
      await picture.webp({ lossless: true, exact: true }).toBuffer(),
    ])
      expect(Array.from(await decode(file, input({ channels: 4 })))).to.deep.equal(Array.from(pixels));
  });

  it('fits by filling, covering or containing', async () => {
    const wide = await plain('white', 16, 8).png().toBuffer();
    const at = async (fit: ImageInput['resize']['fit']) => {
      const wanted = input({ channels: 1, background: 100, resize: { fit, kernel: 'bilinear' } });
      return (await decode(wide, wanted))[0];
    };
    expect(await at('fill')).to.equal(255);
    expect(await at('cover')).to.equal(255);
    expect(await at('contain')).to.equal(100);
  });

  for (const kernel of ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const) {
    it(`resizes with the ${kernel} kernel`, async () => {
      const wanted = input({ resize: { fit: 'fill', kernel } });
      const pixels = await decode(await (await halves('black', 'white')).png().toBuffer(), wanted);
      expectNear(pixel(pixels, wanted, 1, 0), [0, 0, 0], 40);
      expectNear(pixel(pixels, wanted, 1, 3), [255, 255, 255], 40);
    });
  }

  it('inverts where the model asks for it', async () => {
    const pixels = await decode(
      await plain('white').png().toBuffer(),
      input({ channels: 1, invert: 'auto' }),
    );
    expect(Array.from(new Set(pixels))).to.deep.equal([0]);
  });

  it('inverts by the border of the picture, not by what frames it', async () => {
    const ink = await plain('black', 16, 8).png().toBuffer();
    const paper = await plain('white', 16, 8).png().toBuffer();
    const wanted = input({
      channels: 1,
      invert: 'auto',
      background: 255,
      resize: { fit: 'contain', kernel: 'bilinear' },
    });
    for (const picture of [ink, paper]) {
      expect(Array.from(new Set(await decode(picture, wanted))), 'dark all over').to.deep.equal([0]);
    }
  });

  it('refuses what is no image and names what it is', async () => {
    const error = await refused(decode(Buffer.from('%PDF-1.4 ...'), input()), 'unsupported_media');
    expect(error.detail).to.include('PDF');
  });

  for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const) {
    it(`refuses a ${format} that is cut off`, async () => {
      const noise = await sharp({
        create: {
          width: 64,
          height: 64,
          channels: 3,
          background: 'red',
          noise: { type: 'gaussian', mean: 128, sigma: 60 },
        },
      })
        .toFormat(format)
        .toBuffer();
      const error = await refused(decode(noise.subarray(0, noise.length / 2), input()), 'undecodable_image');
      expect(error.detail).to.match(new RegExp(format, 'i'));
    });
  }

  it('refuses a PNG whose compressed data is damaged', async () => {
    const png = await (await halves('red', 'blue')).png().toBuffer();
    const at = png.indexOf('IDAT') + 8;
    png.fill(0xff, at, at + 16);
    await refused(decode(png, input()), 'undecodable_image');
  });

  it('refuses a header without a picture', async () => {
    await refused(decode(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), input()), 'undecodable_image');
    await refused(decode(Buffer.from('\xff\xd8\xff\xe0', 'latin1'), input()), 'undecodable_image');
  });

  it('refuses more pixels than the limit by the header, and says how many there are', async () => {
    const large = await plain('white', 2000, 1000).png().toBuffer();
    const error = await refused(decode(large, input()), 'image_too_large');
    expect(error.detail)
      .to.include('2000 x 1000')
      .and.to.include('2.0 megapixels')
      .and.to.include('limit is 1');
  });

  it('takes exactly as many pixels as the limit', async () => {
    const pixels = await decode(await plain('white', 1000, 1000).png().toBuffer(), input());
    expect(pixels).to.have.length(48);
  });

  it('does not begin for a client that has left', async () => {
    const reason = new AppError('client_gone', 'left');
    const bytes = await plain('red').png().toBuffer();
    expect(
      await refused(decode(bytes, input(), { signal: AbortSignal.abort(reason) }), 'client_gone'),
    ).to.equal(reason);
  });

  it('reads a hundred pictures at once, each into its own pixels', async () => {
    const shades = Array.from({ length: 100 }, (_, at) => at * 2);
    const decoded = await Promise.all(
      shades.map(async (shade) =>
        decode(await plain({ r: shade, g: shade, b: shade }).png().toBuffer(), input({ channels: 1 })),
      ),
    );
    expect(decoded.map((pixels) => pixels[0])).to.deep.equal(shades);
  });
});
