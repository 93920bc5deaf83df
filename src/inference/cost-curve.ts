// What a batch of each size costs: measured at warm-up, kept fresh by every run since.

/** How far one run moves the curve: a stray slow run is soon forgotten, a lasting change learned in twenty. */
const LEARNING = 0.1;
/** A run that took many times as long as usual says little of the model. */
const MOST_SURPRISE = 2;
/** A computer that is busier is so for every size: the points far from the one that was run move half as far. */
const FAR = 0.5;
const LEAST_MS = 0.001;

export interface CostPoint {
  readonly size: number;
  readonly ms: number;
}

/** Straight lines between the sizes that were warmed up. */
export class CostCurve {
  readonly #sizes: readonly number[];
  readonly #ms: number[];

  /** At least one point; sizes ascending. */
  constructor(points: readonly CostPoint[]) {
    if (points.length === 0) throw new RangeError('a cost curve needs a point');
    this.#sizes = points.map(({ size }) => size);
    // A larger batch that seemed cheaper than a smaller one was noise.
    let floor = LEAST_MS;
    this.#ms = points.map(({ ms }) => (floor = Math.max(floor, ms)));
  }

  /** Milliseconds of one worker. */
  readonly cost = (size: number): number => {
    const { below, above, share } = this.#around(size);
    return (this.#ms[below] ?? 0) * (1 - share) + (this.#ms[above] ?? 0) * share;
  };

  observe(size: number, ms: number): void {
    const { below, above, share } = this.#around(size);
    const surprise = Math.min(MOST_SURPRISE, ms / this.cost(size)) - 1;
    this.#ms.forEach((old, at) => {
      const nearness = at === above ? share : at === below ? 1 - share : 0;
      this.#ms[at] = Math.max(LEAST_MS, old * (1 + LEARNING * surprise * (FAR + (1 - FAR) * nearness)));
    });
  }

  /** The points on both sides of a size, and how far it lies from the one to the other. */
  #around(size: number): { below: number; above: number; share: number } {
    const found = this.#sizes.findIndex((candidate) => candidate >= size);
    const above = found === -1 ? this.#sizes.length - 1 : found;
    const below = Math.max(0, above - 1);
    const [lower = size, upper = size] = [this.#sizes[below], this.#sizes[above]];
    return { below, above, share: upper === lower ? 1 : Math.min(1, (size - lower) / (upper - lower)) };
  }
}
