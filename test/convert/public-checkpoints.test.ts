// Checkpoints by other people, against what Keras gives for the same input. `node dist/bench/public-checkpoints.js` prints them
// beside what Keras itself makes of them.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { measureFidelity } from '../../src/cli/fidelity.js';
import type { ErrorCode } from '../../src/errors/catalogue.js';
import { refused } from '../helpers/refused.js';
import { sharedData } from '../helpers/shared-data.js';

interface Listed {
  readonly name: string;
  readonly file: string;
  readonly expected: string | null;
}

/** Exceptions, with what is said of them. An entry that converts fails the test. */
const REFUSED: Readonly<Record<string, { readonly code: ErrorCode; readonly says: RegExp }>> = {
  steering_lambda_crop: { code: 'layer_unsupported', says: /"lambda_2".*bytecode, which is never run/ },
};

describe('public checkpoints', () => {
  it('give what Keras gives, within 1e-5, or are refused by name', async function () {
    this.timeout(180_000);
    const folder = sharedData(this, 'checkpoints');
    const listed = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Listed[];
    expect(listed.length).to.be.at.least(26);
    for (const { name, file, expected } of listed) {
      const refusal = REFUSED[name];
      const measured = measureFidelity({
        checkpoint: path.join(folder, file),
        // Whoever is refused is refused before anything is compared: any expectation will do.
        expectedFile: path.join(folder, expected ?? 'digits_harshline.expected.json'),
        precision: 'float32',
        maxParameters: 1e9,
      });
      if (refusal === undefined) {
        const { absolute, sameTop1 } = await measured;
        expect(absolute, name).to.be.below(1e-5);
        expect(sameTop1, name).to.equal(true);
      } else {
        const { detail } = await refused(measured, refusal.code);
        expect(detail).to.match(refusal.says);
      }
    }
  });
});
