// Checkpoints cut off and with bytes changed: each converts or is refused with an error of the catalogue. Nothing hangs,
// nothing breaks down, and a good file converts afterwards.
import { expect } from 'chai';
import type { Conversion } from '../../src/contracts/artifact.js';
import { NumpyRandom } from '../../src/convert/fidelity/numpy-random.js';
import { AppError } from '../../src/errors/app-error.js';
import { Converter } from '../helpers/conversion.js';
import { smallH5, smallKeras } from '../helpers/keras-files.js';

const CUTS = 40;
const FLIPS = 300;
const TIME_LIMIT_MS = 5_000;
const SEED = 20_240_229;

const FORMATS = { '.h5': smallH5, '.keras': smallKeras } as const;

/** The outcome as a word, for the tally that a failure prints. */
const kindOf = (outcome: Conversion | AppError): string =>
  outcome instanceof AppError ? outcome.code : 'converted';

describe('damaged checkpoints', () => {
  let converter: Converter;

  before(async () => {
    converter = await Converter.start(TIME_LIMIT_MS);
  });

  after(() => converter.close());

  for (const [name, make] of Object.entries(FORMATS)) {
    it(`${name}: wherever it is cut off, it is refused`, async function () {
      this.timeout(120_000);
      const whole = await make();
      for (let cut = 0; cut < CUTS; cut++) {
        const length = Math.floor((whole.length * cut) / CUTS);
        const { outcome } = await converter.attempt(
          await converter.write('cut.h5', whole.subarray(0, length)),
        );
        if (!(outcome instanceof AppError))
          throw new Error(`cut at ${length} of ${whole.length}, and converted`);
        expect(outcome.code, `cut at ${length} of ${whole.length}`).to.be.oneOf([
          'checkpoint_damaged',
          'checkpoint_not_hdf5',
        ]);
      }
    });

    it(`${name}: with one byte of ${FLIPS} changed it converts or is refused, and never breaks anything`, async function () {
      this.timeout(300_000);
      const whole = await make();
      const random = new NumpyRandom(SEED);
      const tally: Record<string, number> = {};
      for (let flip = 0; flip < FLIPS; flip++) {
        const at = Math.floor(random.rand() * whole.length);
        const changed = Buffer.from(whole);
        changed[at] = (whole[at] ?? 0) ^ (1 + Math.floor(random.rand() * 255));
        const { outcome, ms } = await converter.attempt(await converter.write('flipped.h5', changed));
        const kind = kindOf(outcome);
        tally[kind] = (tally[kind] ?? 0) + 1;
        expect(
          kind,
          `byte ${at}: a fault of ours: ${outcome instanceof AppError ? outcome.detail : ''}`,
        ).to.not.equal('internal');
        expect(ms, `milliseconds, byte ${at}`).to.be.below(TIME_LIMIT_MS + 3_000);
      }
      const { outcome } = await converter.attempt(await converter.write('good.h5', whole));
      expect(outcome, JSON.stringify(tally)).to.include({ totalParameters: 15 });
    });
  }

  it('stops reading at the time limit', async () => {
    const hasty = await Converter.start(1);
    try {
      const { outcome } = await hasty.attempt(await hasty.write('model.h5', await smallH5()));
      expect(outcome)
        .to.include({ code: 'checkpoint_damaged' })
        .and.have.property('message')
        .that.matches(/more than 0\.001 s/);
    } finally {
      await hasty.close();
    }
  });
});
