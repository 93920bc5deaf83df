// From a model's probabilities to the body of an answer.
import type { Classification } from '../contracts/classifier.js';
import { areDigits } from '../contracts/digits.js';
import { distinctLabels } from '../contracts/distinct-labels.js';
import type { ModelInfo } from '../contracts/model.js';
import { topK } from '../contracts/top-k.js';
import { AppError } from '../errors/app-error.js';
import { milliseconds, probability } from './rounding.js';
import type { Prediction, Timings } from './schemas/prediction.js';

export interface PredictionParts {
  readonly requestId: string;
  readonly info: ModelInfo;
  readonly classification: Classification;
  readonly topK: number;
  /** Asked for all probabilities, however many there are. */
  readonly all: boolean;
  readonly timings: Timings;
}

/** Models of more labels answer with the most probable ones alone, unless asked. */
const FEW_LABELS = 100;

export function predictionBody({
  requestId,
  info,
  classification,
  timings,
  ...wanted
}: PredictionParts): Prediction {
  const { probabilities, inferenceMs } = classification;
  const { labels } = info;
  if (probabilities.length !== labels.length) {
    throw new AppError(
      'inference_failed',
      `${labels.length} labels, but ${probabilities.length} probabilities`,
    );
  }
  const predictions = topK(probabilities, wanted.topK).map((ranked) => ({
    label: labels[ranked.index] ?? String(ranked.index),
    index: ranked.index,
    probability: probability(ranked.probability),
  }));
  const [best] = predictions;
  if (best === undefined) throw new AppError('inference_failed', 'the model has no classes');
  return {
    request_id: requestId,
    model: info.name,
    model_version: info.version,
    predicted_class: best.label,
    ...(areDigits(labels) ? { predicted_digit: best.index } : {}),
    confidence: best.probability,
    predictions,
    ...(wanted.all || labels.length <= FEW_LABELS
      ? { all_probabilities: byLabel(labels, probabilities) }
      : {}),
    inference_time_seconds: Math.round(inferenceMs * 1000) / 1e6,
    inference_time_ms: milliseconds(inferenceMs),
    timings,
    timestamp: new Date().toISOString(),
  };
}

function byLabel(labels: readonly string[], probabilities: Float32Array): Record<string, number> {
  const keys = distinctLabels(labels);
  return Object.fromEntries(keys.map((key, index) => [key, probability(probabilities[index] ?? 0)]));
}
