// Against Pillow's own results (scripts/python/reference/pictures.py): small pictures agree to the byte.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { createFitter } from '../../../src/imaging/fit-to-input.js';
import { createResampler } from '../../../src/imaging/resample/resample.js';
import { atOnce } from '../../../src/imaging/slices.js';
import { formulaPicture } from '../../helpers/formula-picture.js';

const channelsSchema = z.union([z.literal(1), z.literal(3), z.literal(4)]);
const casesSchema = z.array(
  z.tuple([
    ...[z.number(), z.number()],
    channelsSchema,
    ...[z.number(), z.number()],
    z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']),
    z.enum(['fill', 'cover', 'contain']),
    z.string(),
  ] as const),
);

const FILE = new URL('../../../../test/fixtures/pictures/resizing.json', import.meta.url);
const CASES = casesSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')));

describe('resizing', () => {
  const fitToInput = createFitter(createResampler());

  for (const kernel of ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const) {
    for (const fit of ['fill', 'cover', 'contain'] as const) {
      it(`gives Pillow's bytes with the ${kernel} filter, fit ${fit}`, () => {
        const cases = CASES.filter(([, , , , , filter, how]) => filter === kernel && how === fit);
        expect(cases.length).to.be.at.least(20);
        for (const [sourceWidth, sourceHeight, channels, width, height, , , digest] of cases) {
          const pixels = atOnce(
            fitToInput(
              { raster: formulaPicture(sourceWidth, sourceHeight, channels), orientation: 1 },
              { width, height, channels, resize: { fit, kernel }, invert: false, background: 255 },
            ),
          );
          const found = createHash('sha256').update(pixels).digest('hex').slice(0, 16);
          expect(found, `${sourceWidth}x${sourceHeight}x${channels} to ${width}x${height}`).to.equal(digest);
        }
      });
    }
  }
});
