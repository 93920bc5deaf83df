// What the rooms tell of their work, for metrics and drift. Nothing here may throw, or take long: it is on every
// request's way.
import type { Classification } from './classifier.js';
import type { CacheOutcome } from './result-cache.js';
import type { ModelInfo } from './model.js';

export interface RequestOutcome {
  /** The operation's name, never a part of the URL. */
  readonly endpoint: string;
  /** Whether it was asked for predictions. */
  readonly predicts: boolean;
  readonly failed: boolean;
  /** What it was refused with. */
  readonly code: string | undefined;
  readonly seconds: number;
  /** How many of its pictures failed; unset where it brought one, or none was looked at. */
  readonly failedPictures: number | undefined;
}

export interface PredictionOutcome extends Pick<Classification, 'probabilities'> {
  /** Milliseconds; unset where there was no such stage: numbers were not decoded, a kept answer not computed. */
  readonly decodeMs?: number;
  readonly queueMs?: number;
  readonly inferenceMs?: number;
  readonly cache?: CacheOutcome;
}

export interface Recorder {
  /** So that its counters stand at 0 before the first request: a rate cannot see a counter's first value. */
  endpoint(name: string): void;
  /** A request is over. */
  request(outcome: RequestOutcome): void;
  /** A picture was classified. */
  predicted(model: ModelInfo, outcome: PredictionOutcome): void;
  /** A worker ran a batch of so many pictures. */
  batch(model: ModelInfo, size: number): void;
}
