// How many images go into the next batch, and whether it waits for more: a pure function of the moment and of what
// batches cost. Waiting is worth it only where it gains more time for the images to come than it costs those here.

/** Milliseconds that one worker spends on a batch of so many images. */
export type Cost = (images: number) => number;

export interface Moment {
  /** Images that wait; at least one. */
  readonly queued: number;
  /** Workers that are free; at least one. */
  readonly idle: number;
  readonly busy: number;
  /** Expected until the next busy worker is free. */
  readonly nextFreeMs: number;
  /** Expected between two images, as lately. */
  readonly gapMs: number;
  readonly sinceArrivalMs: number;
  readonly oldestWaitedMs: number;
}

export interface BatchLimits {
  readonly maxBatch: number;
  readonly maxDelayMs: number;
}

export interface BatchPlan {
  readonly size: number;
  /** More than 0: look again after so many milliseconds, or when another image comes. */
  readonly waitMs: number;
}

/** What a batch costs beside its run: messages, waking a thread, the main thread's own work (bench/engine.ts). */
export const HANDOFF_MS = 0.1;

/** Sizes whose cost per image differs by less are the same: the smaller one answers sooner. */
const TOLERANCE = 1.03;

export function planBatch(moment: Moment, { maxBatch, maxDelayMs }: BatchLimits, cost: Cost): BatchPlan {
  const whole: Cost = (images) => cost(images) + HANDOFF_MS;
  const size = cheapestSize(Math.min(shareOf(moment, cost), maxBatch), whole);
  const waitMs = Math.min(worthWaiting(moment, maxBatch, whole), maxDelayMs - moment.oldestWaitedMs);
  return { size, waitMs: Math.max(0, waitMs) };
}

/** The smallest size up to `largest` at which an image costs no more than at any other. */
export function cheapestSize(largest: number, cost: Cost): number {
  let least = Infinity;
  for (let size = 1; size <= largest; size++) least = Math.min(least, cost(size) / size);
  for (let size = 1; size < largest; size++) if (cost(size) / size <= least * TOLERANCE) return size;
  return largest;
}

/** Several free workers share what waits, where that saves more time than another batch costs. */
function shareOf({ queued, idle }: Moment, cost: Cost): number {
  const share = Math.ceil(queued / idle);
  return cost(queued) - cost(share) > HANDOFF_MS ? share : queued;
}

/**
 * Taking the last free worker makes the next image wait until one is free again, `blocked`. Waiting for it costs each
 * image here the gap, and the longer run of the larger batch.
 */
function worthWaiting(moment: Moment, maxBatch: number, cost: Cost): number {
  const { queued, idle, busy, nextFreeMs, gapMs, sinceArrivalMs } = moment;
  if (busy === 0 || idle > 1 || queued >= maxBatch) return 0;
  const longer = cost(queued + 1) - cost(queued);
  const blocked = Math.min(cost(queued), nextFreeMs) - gapMs;
  const gain = blocked + cost(1) - cost(queued + 1);
  const loss = queued * (gapMs + longer);
  // Twice the usual gap without an image: it is not coming.
  return gain > loss ? 2 * gapMs - sinceArrivalMs : 0;
}
