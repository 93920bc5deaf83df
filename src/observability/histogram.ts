// Counts by upper bound. prom-client's takes a microsecond an observation, for looking its labels up; with six on every
// request that was 5 µs, and this is 0.1.
import type { Sample } from './family.js';

/** From half a millisecond to ten seconds. */
export const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;
export const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

export class Histogram {
  /** Counts by bound, one for what is above them all, and the sum of the values. */
  readonly cells: Float64Array;

  constructor(private readonly bounds: readonly number[]) {
    this.cells = new Float64Array(bounds.length + 2);
  }

  observe(value: number): void {
    // NaN would stay in the sum for ever.
    if (!Number.isFinite(value)) return;
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? Infinity)) at += 1;
    this.#add(at, 1);
    this.#add(this.bounds.length + 1, value);
  }

  #add(at: number, value: number): void {
    this.cells[at] = (this.cells[at] ?? 0) + value;
  }

  samples(labels: Readonly<Record<string, string>>): readonly Sample[] {
    let total = 0;
    const buckets = [...this.bounds, Infinity].map((bound, at): Sample => {
      total += this.cells[at] ?? 0;
      return { suffix: '_bucket', labels: { ...labels, le: boundText(bound) }, value: total };
    });
    return [
      ...buckets,
      { suffix: '_sum', labels, value: this.cells[this.bounds.length + 1] ?? 0 },
      { suffix: '_count', labels, value: total },
    ];
  }
}

/** A float in OpenMetrics' canonical form, as Python's client writes it: 1.0. */
const boundText = (bound: number): string =>
  bound === Infinity ? '+Inf' : Number.isInteger(bound) ? `${bound}.0` : String(bound);
