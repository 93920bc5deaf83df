// From what became of each picture to the answer about them all.
import type { Response } from 'express';
import type { ServedModel } from '../contracts/classifier.js';
import type { AppError } from '../errors/app-error.js';
import { contextOf } from './context.js';
import { problem } from './error-form.js';
import { milliseconds } from './rounding.js';
import type { BatchPrediction, BatchResult } from './schemas/batch.js';
import type { Prediction, Timings } from './schemas/prediction.js';
import type { Picture } from './upload/picture.js';

export type Outcome =
  | { readonly picture: Picture; readonly prediction: Prediction }
  | { readonly picture: Picture; readonly error: AppError };

export interface BatchParts {
  /** In the order of the upload. */
  readonly outcomes: readonly Outcome[];
  readonly arrival: number;
  readonly received: number;
  readonly model: ServedModel;
  readonly res: Response;
}

export interface BatchAnswer {
  readonly status: number;
  readonly body: BatchPrediction;
  readonly retryAfterSeconds: number | undefined;
}

export function batchAnswer({ outcomes, arrival, received, model, res }: BatchParts): BatchAnswer {
  const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  const timings = outcomes.flatMap((outcome) => ('error' in outcome ? [] : [outcome.prediction.timings]));
  const longest = (stage: keyof Timings): number => Math.max(0, ...timings.map((times) => times[stage]));
  const allFailed = errors.length === outcomes.length;
  const waits = errors.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  return {
    // Of several the highest: a fault of the server's, which may pass, comes before faults of the pictures.
    status: allFailed ? Math.max(...errors.map(({ entry }) => entry.status)) : 200,
    retryAfterSeconds: allFailed && waits.length > 0 ? Math.ceil(Math.max(...waits)) : undefined,
    body: {
      request_id: contextOf(res).id,
      model: model.info.name,
      model_version: model.info.version,
      count: outcomes.length,
      succeeded: outcomes.length - errors.length,
      failed: errors.length,
      results: outcomes.map((outcome, index) => resultOf(outcome, index, res)),
      timings: {
        receive: milliseconds(received - arrival),
        decode: longest('decode'),
        queue: longest('queue'),
        inference: longest('inference'),
        total: milliseconds(performance.now() - arrival),
      },
      timestamp: new Date().toISOString(),
    },
  };
}

const FILENAME_LENGTH = 255;

function resultOf(outcome: Outcome, index: number, res: Response): BatchResult {
  const place = { index, filename: outcome.picture.name?.slice(0, FILENAME_LENGTH) ?? null };
  if ('error' in outcome) return { ...place, success: false, error: problem(outcome.error, res) };
  const { predicted_class, predicted_digit, confidence, predictions, all_probabilities, ...times } =
    outcome.prediction;
  const { inference_time_seconds, inference_time_ms, timings } = times;
  return {
    ...place,
    success: true,
    predicted_class,
    ...(predicted_digit === undefined ? {} : { predicted_digit }),
    confidence,
    predictions,
    ...(all_probabilities === undefined ? {} : { all_probabilities }),
    inference_time_seconds,
    inference_time_ms,
    timings,
  };
}
