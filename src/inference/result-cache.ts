// Answers to pictures seen before: in memory up to a bound, then on the shelf that instances share. Probabilities are
// kept, so that top_k and the shape of the answer do not matter. The same picture asked twice at once is computed once.
import { LRUCache } from 'lru-cache';
import {
  keepsNothing,
  type CachedResult,
  type CacheRequest,
  type ResultCache,
  type ResultShelf,
} from '../contracts/result-cache.js';
import type { Classification } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';
import { digest, measureHashCost, type HashCost } from './hash-cost.js';

export interface ResultCacheOptions {
  /** 0: every request is BYPASS. */
  readonly maxBytes: number;
  readonly shelf?: ResultShelf;
  readonly hashCost?: HashCost;
}

/** One request in so many must be a HIT for hashing to have paid. */
const WORTH = 4;
/** The way to the shelf and back costs a good part of a millisecond of the main thread. */
const SHELF_WORTH_MS = 2;
/** Key, list links and the array's own head. */
const ENTRY_BYTES = 300;

type Shared = Promise<Float32Array | undefined>;

export function createResultCache({
  maxBytes,
  shelf,
  hashCost = measureHashCost(),
}: ResultCacheOptions): ResultCache {
  if (maxBytes < ENTRY_BYTES) return keepsNothing;
  const memory = new LRUCache<string, Float32Array>({
    maxSize: maxBytes,
    sizeCalculation: ({ byteLength }) => byteLength + ENTRY_BYTES,
  });
  const running = new Map<string, Shared>();

  const worthHashing = ({ bytes, costMs }: CacheRequest): boolean =>
    costMs > WORTH * (hashCost.fixedMs + bytes.length * hashCost.perByteMs);

  return {
    async classify<Computed extends Pick<Classification, 'probabilities'>>(
      request: CacheRequest,
      compute: () => Promise<Computed>,
    ): Promise<CachedResult<Computed>> {
      if (request.bypass === true || !worthHashing(request)) {
        return { outcome: 'BYPASS', computed: await compute() };
      }
      const key = `${request.fingerprint}:${digest(request.bytes).toString('base64url')}`;
      const shared = running.get(key);
      // Awaiting nothing would let a second one in before the first is known to run.
      const kept = memory.get(key) ?? (shared === undefined ? undefined : await joined(shared, request));
      if (kept !== undefined) return { outcome: 'HIT', probabilities: kept };

      const { promise, resolve } = deferred();
      running.set(key, promise);
      let probabilities: Float32Array | undefined;
      try {
        const far = shelf !== undefined && request.costMs >= SHELF_WORTH_MS ? shelf : undefined;
        probabilities = await far?.get(key, request.classes);
        if (probabilities !== undefined) {
          memory.set(key, probabilities);
          return { outcome: 'HIT', probabilities };
        }
        const computed = await compute();
        ({ probabilities } = computed);
        memory.set(key, probabilities);
        far?.set(key, probabilities);
        return { outcome: 'MISS', computed };
      } finally {
        if (running.get(key) === promise) running.delete(key);
        // Undefined where it failed: whoever waited for it computes by himself, with his own deadline.
        resolve(probabilities);
      }
    },
  };
}

function deferred(): {
  readonly promise: Shared;
  readonly resolve: (value: Float32Array | undefined) => void;
} {
  let resolve: (value: Float32Array | undefined) => void = () => undefined;
  const promise: Shared = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Waits for another's answer, but not past one's own deadline and no longer than one's own client. */
async function joined(shared: Shared, { deadline, signal }: CacheRequest): Promise<Float32Array | undefined> {
  let cleanUp = (): void => undefined;
  const given = new Promise<never>((_, reject) => {
    const left = Math.max(0, deadline - performance.now());
    const late = () =>
      reject(
        new AppError('deadline_running', `the same picture took longer than the ${Math.round(left)} ms left`),
      );
    const gone = () => reject(new AppError('client_gone', 'while the same picture was computed'));
    const timer = setTimeout(late, left);
    signal?.addEventListener('abort', gone, { once: true });
    cleanUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', gone);
    };
  });
  try {
    return await Promise.race([shared, given]);
  } finally {
    cleanUp();
  }
}
