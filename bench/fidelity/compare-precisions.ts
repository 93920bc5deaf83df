// How often bfloat16 names the class that float32 names, on pictures whose two likeliest classes are apart.
import type { NativeSession } from '../../src/native/session.js';
import { largestDifference, withSession } from '../../test/helpers/reference-model.js';
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
  /** The largest difference of a clear picture's probability. */
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
      let waiting: Classified[] = [];
      let [drawn, clear, same, difference] = [0, 0, 0, 0];

      const compareWaiting = (): void => {
        const found = classify(halved, joined(waiting), waiting.length);
        waiting.forEach(({ output }, at) => {
          const other = found[at]?.output ?? new Float32Array();
          difference = Math.max(difference, largestDifference(other, [...output]));
          const top = best(output);
          seen.add(top);
          if (top === best(other)) same += 1;
        });
        waiting = [];
      };

      while (drawn < extent.drawn && clear < extent.clear) {
        const count = Math.min(BATCH, extent.drawn - drawn);
        const apart = classify(exact, pictures.draw(FIRST_SEED + drawn, count), count)
          .filter(({ output }) => margin(output) > MARGIN)
          .slice(0, extent.clear - clear);
        for (const one of apart) {
          waiting.push(one);
          if (waiting.length === BATCH) compareWaiting();
        }
        drawn += count;
        clear += apart.length;
        advance(count, apart.length);
      }
      if (waiting.length > 0) compareWaiting();
      return { drawn, clear, same, classes: seen.size, difference };
    }),
  );
}

interface Classified {
  readonly picture: Float32Array;
  readonly output: Float32Array;
}

function classify(session: NativeSession, pictures: Float32Array, count: number): readonly Classified[] {
  const outputs = session.run(pictures, count);
  const part = (values: Float32Array, at: number): Float32Array => {
    const size = values.length / count;
    return values.subarray(at * size, (at + 1) * size);
  };
  return Array.from({ length: count }, (_, at) => ({
    picture: part(pictures, at),
    output: part(outputs, at),
  }));
}

function joined(classified: readonly Classified[]): Float32Array {
  const size = classified[0]?.picture.length ?? 0;
  const all = new Float32Array(size * classified.length);
  classified.forEach(({ picture }, at) => all.set(picture, at * size));
  return all;
}

const best = (output: Float32Array): number =>
  output.reduce((top, value, at) => (value > (output[top] ?? -Infinity) ? at : top), 0);

function margin(output: Float32Array): number {
  const [first = 0, second = 0] = output.toSorted((a, b) => b - a);
  return first - second;
}
