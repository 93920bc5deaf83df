// How long V8 stops the main thread to collect garbage. Node's observer tells of it by an object each, with a hidden class of
// its own, of which 3 KB outlive the next collections of young objects; and prom-client takes only the first of several.
import type { WatchPauses } from '../contracts/watch-pauses.js';
import type { Family } from './family.js';
import { Histogram } from './histogram.js';

/** In seconds. prom-client's, and a tenth of its first: most pauses are shorter than a millisecond. */
const BOUNDS = [0.0001, 0.001, 0.01, 0.1, 1, 2, 5] as const;

export class Pauses {
  readonly #minor = new Histogram(BOUNDS);
  readonly #major = new Histogram(BOUNDS);
  readonly #incremental = new Histogram(BOUNDS);
  readonly #weak = new Histogram(BOUNDS);

  /** From now on, for this thread. */
  constructor(watch: WatchPauses) {
    watch(
      Float64Array.from(BOUNDS),
      this.#minor.cells,
      this.#major.cells,
      this.#incremental.cells,
      this.#weak.cells,
    );
  }

  family(): Family {
    return {
      name: 'nodejs_gc_duration_seconds',
      help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
      type: 'histogram',
      samples: [
        ...this.#minor.samples({ kind: 'minor' }),
        ...this.#major.samples({ kind: 'major' }),
        ...this.#incremental.samples({ kind: 'incremental' }),
        ...this.#weak.samples({ kind: 'weakcb' }),
      ],
    };
  }
}
