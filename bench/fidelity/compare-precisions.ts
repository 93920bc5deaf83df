// How often bfloat16 names the class that float32 names, on pictures whose two likeliest classes are apart.
import { withSession } from '../../test/helpers/reference-model.js';
import type { Application } from '../../test/helpers/applications.js';
import { KINDS, kindPictures, randomPictures } from './random-pictures.js';
import { settleWeights } from './settled-weights.js';

/** Two classes closer than this are as good as each other. */
const MARGIN = 0.01;
const FIRST_SEED = 1000;
/** Pictures at a time. */
const BATCH = 4;

export interface Agreement {
  readonly inputs: number;
  /** Pictures whose two likeliest classes are apart. */
  readonly clear: number;
  /** Those of them with the same likeliest class in both precisions. */
  readonly same: number;
  /** Different classes among the likeliest: were there one only, the agreement would mean nothing. */
  readonly classes: number;
  /** The largest difference of a probability. */
  readonly difference: number;
}

export async function comparePrecisions(
  model: Application,
  inputs: number,
  advance: (pictures: number) => void,
): Promise<Agreement> {
  const weights = await settleWeights(model, kindPictures(model), KINDS);

  return withSession(model, { precision: 'float32', weights }, (exact) =>
    withSession(model, { precision: 'bfloat16', weights }, (halved) => {
      const seen = new Set<number>();
      let [clear, same, difference] = [0, 0, 0];
      for (let at = 0; at < inputs; at += BATCH) {
        const count = Math.min(BATCH, inputs - at);
        const pictures = randomPictures(model, FIRST_SEED + at, count);
        const [wanted, found] = [exact.run(pictures, count), halved.run(pictures, count)];
        const classes = wanted.length / count;
        wanted.forEach(
          (value, i) => (difference = Math.max(difference, Math.abs(value - (found[i] ?? NaN)))),
        );
        for (let picture = 0; picture < count; picture++) {
          const part = (values: Float32Array) => values.subarray(picture * classes, (picture + 1) * classes);
          if (margin(part(wanted)) <= MARGIN) continue;
          const top = best(part(wanted));
          seen.add(top);
          clear += 1;
          if (top === best(part(found))) same += 1;
        }
        advance(count);
      }
      return { inputs, clear, same, classes: seen.size, difference };
    }),
  );
}

const best = (output: Float32Array): number =>
  output.reduce((top, value, at) => (value > (output[top] ?? -Infinity) ? at : top), 0);

function margin(output: Float32Array): number {
  const [first = 0, second = 0] = output.toSorted((a, b) => b - a);
  return first - second;
}
