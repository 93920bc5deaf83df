// The same models as `.h5`, as `.keras` and as weights beside an architecture: Keras wrote all of them, and its outputs
// (scripts/python/reference/checkpoints.py).
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { measureFidelity } from '../../src/cli/fidelity.js';

const FOLDER = 'test/fixtures/checkpoints';

const names = (await readdir(FOLDER))
  .filter((name) => name.endsWith('.expected.json'))
  .map((name) => name.replace('.expected.json', ''));

describe('checkpoint formats', () => {
  for (const name of names) {
    for (const [kind, suffix] of [
      ['.h5', '.h5'],
      ['.keras', '.keras'],
      ['weights and architecture', '.weights.h5'],
    ] as const) {
      const checkpoint = path.join(FOLDER, name + suffix);
      if (!existsSync(checkpoint)) continue;
      it(`${name} as ${kind} agrees with Keras`, async () => {
        const { relative, sameTop1 } = await measureFidelity({
          checkpoint,
          expectedFile: path.join(FOLDER, `${name}.expected.json`),
          precision: 'float32',
          maxParameters: 1e7,
        });
        expect(relative).to.be.below(1e-5);
        expect(sameTop1).to.equal(true);
      });
    }
  }
});
