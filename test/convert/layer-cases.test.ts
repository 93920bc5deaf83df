// Each case is a small model around one layer or option, with the output that Keras gave for weights drawn by name
// (scripts/python/reference). Every case runs natively in float32 and must agree; in bfloat16 it must run and be near.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { SyntheticWeights } from '../../src/convert/fidelity/synthetic-weights.js';
import { fromBfloat16Bits, toBfloat16Bits } from '../../src/convert/graph/bfloat16.js';
import { AppError } from '../../src/errors/app-error.js';
import type { Precision } from '../../src/contracts/model.js';
import { largestDifference, runReference, type ReferenceModel } from '../helpers/reference-model.js';

interface Case extends ReferenceModel {
  readonly case: string;
}

const FOLDER = 'test/fixtures/layers';

/** What is refused, and why nobody misses it in an image classifier; an entry that converts fails the test. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'adaptive-average-pool-even': /AdaptiveAveragePooling2D/,
  'adaptive-average-pool-uneven': /AdaptiveAveragePooling2D/,
  'adaptive-max-pool-uneven': /AdaptiveMaxPooling2D/,
  'conv3d-same-stride-2': /Conv3D/,
  'group-query-attention': /GroupedQueryAttention|GroupQueryAttention/,
  'activation-sparsemax': /sparsemax/,
  'mha-causal': /use_causal_mask/,
  'mha-attention-axes': /attention_axes/,
};

/** Models whose policy keeps the weights themselves in fewer bits: they are rounded before they are used. */
const STORED: Readonly<Record<string, (values: Float32Array) => Float32Array>> = {
  'policy-bfloat16': (values) => fromBfloat16Bits(toBfloat16Bits(values)),
  'policy-float16': (values) => values.map(toFloat16),
};

/** To nearest, ties to even; normal float16 numbers only, which these weights are. */
function toFloat16(value: number): number {
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10);
  const steps = value / step;
  const floor = Math.floor(steps);
  const tie = steps - floor === 0.5;
  return value === 0 ? 0 : (tie ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(steps)) * step;
}

function run(fixture: Case, precision: Precision): Promise<Float32Array> {
  const weights = new SyntheticWeights(fixture.gain, (values, { path: layer }) =>
    // The last layer of these models says float32, as Keras advises.
    layer[0] === 'dense' ? values : (STORED[fixture.case]?.(values) ?? values),
  );
  return runReference(fixture, { precision, weights });
}

/** As a part of the largest output, where that is large. */
const difference = (actual: Float32Array, { output }: Case): number =>
  largestDifference(actual, output) / Math.max(1, ...output.map(Math.abs));

const names = (await readdir(FOLDER))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

describe('layers, case by case', () => {
  for (const name of names) {
    const refusal = REFUSED[name];
    it(refusal === undefined ? `${name} agrees with Keras` : `${name} is refused by name`, async () => {
      const fixture = JSON.parse(await readFile(path.join(FOLDER, `${name}.json`), 'utf8')) as Case;
      if (refusal !== undefined) {
        const error = await run(fixture, 'float32').catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(AppError).with.property('message').that.matches(refusal);
        return;
      }
      expect(difference(await run(fixture, 'float32'), fixture), 'float32').to.be.below(1e-5);
      expect(difference(await run(fixture, 'bfloat16'), fixture), 'bfloat16').to.be.below(0.1);
    });
  }
});
