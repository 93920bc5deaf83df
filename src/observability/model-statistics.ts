// What one model version has predicted since it was loaded, and how long its stages took.
import { distinctLabels } from '../contracts/distinct-labels.js';
import type { ModelInfo } from '../contracts/model.js';
import type { PredictionOutcome } from '../contracts/recorder.js';
import type { CacheOutcome } from '../contracts/result-cache.js';
import { DriftMonitor } from './drift/monitor.js';
import { BATCH_SIZES, Histogram, SECONDS } from './histogram.js';

/** Of models with more labels only the classes seen are told of: each is a time series. */
const FEW_LABELS = 100;

export class ModelStatistics {
  readonly #counts: Float64Array;
  readonly stages = {
    decode: new Histogram(SECONDS),
    queue: new Histogram(SECONDS),
    inference: new Histogram(SECONDS),
  } as const;
  readonly batches = new Histogram(BATCH_SIZES);
  readonly drift: DriftMonitor;
  readonly cache: Record<CacheOutcome, number> = { HIT: 0, MISS: 0, BYPASS: 0 };
  predictions = 0;

  constructor(private readonly info: ModelInfo) {
    this.#counts = new Float64Array(info.labels.length);
    this.drift = new DriftMonitor({ classes: info.labels.length, reference: info.reference });
  }

  /** Whether it was a prediction. */
  record({ probabilities, decodeMs, queueMs, inferenceMs, cache }: PredictionOutcome): boolean {
    const best = indexOfLargest(probabilities);
    const confidence = probabilities[best];
    // Not a number anywhere is an error that the caller is told of: no prediction.
    if (confidence === undefined || !(confidence <= 1)) return false;
    this.predictions += 1;
    this.#counts[best] = (this.#counts[best] ?? 0) + 1;
    if (decodeMs !== undefined) this.stages.decode.observe(decodeMs / 1000);
    if (queueMs !== undefined) this.stages.queue.observe(queueMs / 1000);
    if (inferenceMs !== undefined) this.stages.inference.observe(inferenceMs / 1000);
    if (cache !== undefined) this.cache[cache] += 1;
    this.drift.record(best, confidence);
    return true;
  }

  /** By label; of many labels those that were predicted. */
  byClass(): readonly (readonly [label: string, predictions: number])[] {
    const all = distinctLabels(this.info.labels).map((label, at) => [label, this.#counts[at] ?? 0] as const);
    return all.length <= FEW_LABELS ? all : all.filter(([, predictions]) => predictions > 0);
  }
}

function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at += 1) if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
  return best;
}
