// Checkpoints by other people, against what Keras gives for the same input.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { measureFidelity } from '../../src/cli/fidelity.js';
import { sharedData } from '../helpers/shared-data.js';

interface Listed {
  readonly name: string;
  readonly file: string;
  readonly expected: string | null;
}

const LAYERS = new Set(
  'Sequential Model Functional InputLayer Conv2D MaxPooling2D AveragePooling2D GlobalAveragePooling2D Dropout Flatten Dense BatchNormalization Activation ReLU Softmax ZeroPadding2D Add Rescaling'.split(
    ' ',
  ),
);

describe('public checkpoints', () => {
  it('give what Keras gives, within 1e-5', async function () {
    const folder = sharedData(this, 'checkpoints');
    const listed = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as (Listed & {
      layers: Record<string, number> | null;
    })[];
    const readable = listed.filter(
      ({ file, layers }) =>
        file.endsWith('.h5') && Object.keys(layers ?? { none: 1 }).every((layer) => LAYERS.has(layer)),
    );
    expect(readable.length).to.be.at.least(8);
    for (const { name, file, expected } of readable) {
      const { absolute } = await measureFidelity({
        checkpoint: path.join(folder, file),
        expectedFile: path.join(folder, expected ?? ''),
        precision: 'float32',
        maxParameters: 1e9,
      });
      expect(absolute, name).to.be.below(1e-5);
    }
  });
});
