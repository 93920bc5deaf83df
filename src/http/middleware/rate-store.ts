// Counts of this process, for as many callers as its bound: past it, who called longest ago starts anew.
import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import { LRUCache } from 'lru-cache';

interface Count {
  hits: number;
  readonly endsAt: number;
}

/** 50,000 callers take about 10 MB. */
const MAX_CALLERS = 50_000;

export class LocalRateStore implements Store {
  readonly localKeys = true;
  readonly #counts: LRUCache<string, Count>;
  #windowMs = 60_000;

  constructor(
    maxCallers = MAX_CALLERS,
    private readonly now: () => number = Date.now,
  ) {
    this.#counts = new LRUCache({ max: maxCallers });
  }

  init({ windowMs }: { readonly windowMs: number }): void {
    this.#windowMs = windowMs;
  }

  increment(key: string): ClientRateLimitInfo {
    const now = this.now();
    let count = this.#counts.get(key);
    if (count === undefined || count.endsAt <= now) {
      count = { hits: 0, endsAt: now + this.#windowMs };
      this.#counts.set(key, count);
    }
    count.hits += 1;
    return { totalHits: count.hits, resetTime: new Date(count.endsAt) };
  }

  decrement(key: string): void {
    const count = this.#counts.peek(key);
    if (count !== undefined && count.hits > 0) count.hits -= 1;
  }

  resetKey(key: string): void {
    this.#counts.delete(key);
  }
}
