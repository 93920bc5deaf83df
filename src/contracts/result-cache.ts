// Answers to pictures that were seen before: what HTTP asks for, and what a second, shared shelf offers.
import type { Classification } from './classifier.js';
import type { StopSignal } from './stop-signal.js';

/** As the X-Cache header says it. BYPASS: neither looked for nor kept. */
export type CacheOutcome = 'HIT' | 'MISS' | 'BYPASS';

export interface CacheRequest {
  /** The picture's file, as it came. */
  readonly bytes: Uint8Array;
  /** Stands for all that decides the answer besides the picture: model, version, weights, preprocessing. */
  readonly fingerprint: string;
  readonly classes: number;
  /** What one picture costs the model. */
  readonly costMs: number;
  /** performance.now() by which the answer must be there. */
  readonly deadline: number;
  readonly signal?: StopSignal;
  /** The client wants a fresh one. */
  readonly bypass?: boolean;
}

export interface ResultCache {
  /** `compute` runs at most once among all that ask for the same at the same time. */
  classify<Computed extends Pick<Classification, 'probabilities'>>(
    request: CacheRequest,
    compute: () => Promise<Computed>,
  ): Promise<CachedResult<Computed>>;
}

export type CachedResult<Computed> =
  | { readonly outcome: 'MISS' | 'BYPASS'; readonly computed: Computed }
  | { readonly outcome: 'HIT'; readonly probabilities: Float32Array };

/** A cache that is off. */
export const keepsNothing: ResultCache = {
  classify: async (_, compute) => ({ outcome: 'BYPASS', computed: await compute() }),
};

/** Shared between instances. Never throws, never long. */
export interface ResultShelf {
  get(key: string, classes: number): Promise<Float32Array | undefined>;
  set(key: string, probabilities: Float32Array): void;
}
