// How often bfloat16 names the class that float32 names, on pictures whose two likeliest classes are apart.
import { withSession } from '../../test/helpers/reference-model.js';
import type { Application } from '../../test/helpers/applications.js';
import { KINDS, picturesFor } from './random-pictures.js';
import { settleWeights } from './settled-weights.js';

/** Two classes closer than this are as good as each other. */
const MARGIN = 0.01;
const FIRST_SEED = 1000;
/** Pictures at a time. */
const BATCH = 4;

/** Pictures are drawn, by one seed after another, until as many as this are drawn or clear. */
export interface Extent {
  readonly drawn: number;
  readonly clear: number;
}

export interface Agreement {
  readonly drawn: number;
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
  extent: Extent,
  advance: (drawn: number, clear: number) => void,
): Promise<Agreement> {
  const pictures = picturesFor(model);
  const weights = await settleWeights(model, pictures.kinds, KINDS);

  return withSession(model, { precision: 'float32', weights }, (exact) =>
    withSession(model, { precision: 'bfloat16', weights }, (halved) => {
      const seen = new Set<number>();
      let [drawn, clear, same, difference] = [0, 0, 0, 0];
      while (drawn < extent.drawn && clear < extent.clear) {
        const count = Math.min(BATCH, extent.drawn - drawn);
        const input = pictures.draw(FIRST_SEED + drawn, count);
        const [wanted, found] = [exact, halved].map((session) => split(session.run(input, count), count));
        const before = clear;
        wanted?.forEach((output, at) => {
          const other = found?.[at] ?? new Float32Array();
          difference = output.reduce(
            (most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? NaN))),
            difference,
          );
          if (margin(output) <= MARGIN || clear === extent.clear) return;
          const top = best(output);
          seen.add(top);
          clear += 1;
          if (top === best(other)) same += 1;
        });
        drawn += count;
        advance(count, clear - before);
      }
      return { drawn, clear, same, classes: seen.size, difference };
    }),
  );
}

function split(outputs: Float32Array, count: number): readonly Float32Array[] {
  const size = outputs.length / count;
  return Array.from({ length: count }, (_, at) => outputs.subarray(at * size, (at + 1) * size));
}

const best = (output: Float32Array): number =>
  output.reduce((top, value, at) => (value > (output[top] ?? -Infinity) ? at : top), 0);

function margin(output: Float32Array): number {
  const [first = 0, second = 0] = output.toSorted((a, b) => b - a);
  return first - second;
}
