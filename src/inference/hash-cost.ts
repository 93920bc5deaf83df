// What hashing costs on this machine, measured once: a model that is cheaper needs no cache.
import { createHash } from 'node:crypto';

export interface HashCost {
  readonly fixedMs: number;
  readonly perByteMs: number;
}

export const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const SMALL = 64;
const LARGE = 64 * 1024;
const ROUNDS = 20;

/** The median of some rounds, as the first ones are slow. */
function measure(size: number): number {
  const bytes = new Uint8Array(size);
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    digest(bytes);
    return performance.now() - begun;
  });
  return times.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0;
}

export function measureHashCost(): HashCost {
  const [small, large] = [measure(SMALL), measure(LARGE)];
  return { fixedMs: small, perByteMs: Math.max(0, large - small) / (LARGE - SMALL) };
}
