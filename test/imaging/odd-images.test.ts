// Pictures as the world has them. Pillow's verdict on each lies beside them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import type { ErrorCode } from '../../src/errors/catalogue.js';
import { createDecoder } from '../../src/imaging/decode.js';
import { nativeDecoders } from '../../src/native/native-decoders.js';
import { imageInput } from '../helpers/image-input.js';
import { refused } from '../helpers/refused.js';
import { sharedData } from '../helpers/shared-data.js';

const REFUSALS: Record<string, ErrorCode> = {
  '16_giant-image.jpg': 'image_too_large',
  '24_truncated.jpg': 'undecodable_image',
  '48_xhdn0g08.png': 'undecodable_image',
  '50_xdtn0g01.png': 'undecodable_image',
  '52_decompression_bomb.ico': 'unsupported_media',
  '58_test2.heic': 'unsupported_media',
};

const manifestSchema = z.array(z.object({ file: z.string(), what: z.string() }));

/** Made by scripts/python/reference/pictures.py. */
const THUMBNAILS = new URL('../../../test/fixtures/pictures/odd-pictures.json', import.meta.url);
const thumbnailsSchema = z.record(z.string(), z.record(z.string(), z.string()));
const resizeSchema = z.object({
  kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']),
  fit: z.enum(['fill', 'cover', 'contain']),
});

const input = imageInput();

const ways = {
  'with the native decoders': nativeDecoders(),
  'without them': undefined,
};

for (const [how, native] of Object.entries(ways))
  describe(`pictures as the world has them, ${how}`, () => {
    const decode = createDecoder({ maxMegapixels: 50, native });

    it('are decoded, or refused for the reason that is true', async function () {
      const folder = sharedData(this, 'odd-images');
      const manifest = manifestSchema.parse(
        JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')),
      );
      const refusals: string[] = [];
      for (const { file } of manifest) {
        const bytes = readFileSync(path.join(folder, file));
        const code = REFUSALS[file];
        if (code === undefined) {
          expect(await decode(bytes, input), file).to.have.length(64 * 64 * 3);
        } else {
          await refused(decode(bytes, input), code);
          refusals.push(file);
        }
      }
      expect(refusals, 'every refusal listed is still needed').to.deep.equal(Object.keys(REFUSALS));
    });

    it("agree with Pillow's pixels within 2 of 255 on average", async function () {
      const folder = sharedData(this, 'odd-images');
      const expected = thumbnailsSchema.parse(JSON.parse(readFileSync(THUMBNAILS, 'utf8')));
      for (const [file, thumbnails] of Object.entries(expected)) {
        const bytes = readFileSync(path.join(folder, file));
        for (const [how, base64] of Object.entries(thumbnails)) {
          const [kernel, fit, size = ''] = how.split(' ');
          const [width, height] = size.split('x').map(Number);
          const resize = resizeSchema.parse({ kernel, fit });
          const sized = { width: width ?? 0, height: height ?? 0 };
          const found = await decode(bytes, { ...input, ...sized, resize, background: 255 });
          const pixels = Buffer.from(base64, 'base64');
          expect(found).to.have.length(pixels.length);
          const difference = pixels.reduce((sum, value, at) => sum + Math.abs(value - (found[at] ?? 0)), 0);
          expect(difference / pixels.length, `${file}, ${how}`).to.be.below(2);
        }
      }
    });

    it('look the same in every EXIF orientation', async function () {
      const [upright, ...turned] = await Promise.all(
        ['32_Landscape_1.jpg', '34_Landscape_3.jpg', '36_Landscape_6.jpg'].map((file) =>
          decode(readFileSync(sharedData(this, 'odd-images', file)), input),
        ),
      );
      for (const pixels of turned) {
        const difference = pixels.reduce((sum, value, at) => sum + Math.abs(value - (upright?.[at] ?? 0)), 0);
        expect(difference / pixels.length).to.be.below(3);
      }
    });
  });
