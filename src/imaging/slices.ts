// Work that yields now and then, so that the caller decides whether other requests get a turn in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

export type Steps<Result> = Generator<undefined, Result, undefined>;

/** In one go: for work that is known to be small. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Other requests wait at most about this long for a slice. */
const SLICE_MS = 4;

export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await nextTurn();
  }
}
