// POST /predict: an image in, its classes out.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from '../../contracts/logger.js';
import { AppError, toAppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/catalogue.js';
import type { Decode } from '../../imaging/decode.js';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { admittedSlot } from '../middleware/admission.js';
import { imageSlot } from '../middleware/upload.js';
import { predictionBody } from '../prediction-body.js';
import { milliseconds } from '../rounding.js';
import type { Prediction, Timings } from '../schemas/prediction.js';

export interface PredictOptions {
  readonly decode: Decode;
  readonly logger: Logger;
  /** For decoding and inference; the upload has its own limit. */
  readonly timeoutMs: number;
  /** Overrules the models' own number of predictions; a request overrules both. */
  readonly topK: number | undefined;
}

export const predict = ({ decode, logger, timeoutMs, topK }: PredictOptions): RequestHandler =>
  async function predict(req, res) {
    const { id, arrival } = contextOf(res);
    const { model, query } = admittedSlot.get(res);
    const signal = abortedWithoutReader(res);

    const received = performance.now();
    const deadline = received + timeoutMs;
    const giveBack = model.reserve(1, { deadline });
    const pixels = await decode(imageSlot.get(res), model.info.input, { signal }).finally(giveBack);
    const decoded = performance.now();
    if (decoded > deadline) {
      const detail = `decoding took ${Math.round(decoded - received)} of the ${timeoutMs} ms allowed`;
      throw new AppError('deadline_in_queue', detail);
    }
    const classification = await model.classify(pixels, { deadline, signal });
    signal.throwIfAborted();

    const timings: Timings = {
      receive: milliseconds(received - arrival),
      decode: milliseconds(decoded - received),
      queue: milliseconds(classification.queueMs),
      inference: milliseconds(classification.inferenceMs),
      total: milliseconds(performance.now() - arrival),
    };
    const body = predictionBody({
      requestId: id,
      info: model.info,
      classification,
      topK: query.top_k ?? topK ?? model.info.topK,
      all: query.all ?? false,
      timings,
    });
    res.setHeader('Server-Timing', serverTiming(timings));
    answer(req, res, { status: 200, body });
    logPrediction(logger, body);
  };

/** Refusals that come in floods and say nothing about the image; the access log counts them. */
const QUIET: readonly ErrorCode[] = ['client_gone', 'queue_full', 'draining'];

/** Logs why a prediction failed, wherever on its way, and leaves the answer to the next handler. */
export const logFailedPrediction = ({ logger }: Pick<PredictOptions, 'logger'>): ErrorRequestHandler =>
  function logFailedPrediction(thrown: unknown, _req, res, next) {
    const error = toAppError(thrown);
    const level = QUIET.includes(error.code) ? 'debug' : error.entry.status === 500 ? 'error' : 'warn';
    logger[level](`Prediction failed: ${error.entry.title}`, {
      detail: error.detail,
      code: error.code,
      request_id: contextOf(res).id,
    });
    next(thrown);
  };

/** Aborted when the client leaves before its answer: what still waits for it can then be dropped. */
function abortedWithoutReader(res: Response): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (res.writableEnded) return;
    controller.abort(new AppError('client_gone', 'the client left before the answer'));
  };
  if (res.destroyed) abort();
  else res.once('close', abort);
  return controller.signal;
}

/** https://www.w3.org/TR/server-timing/ */
const serverTiming = (timings: Timings): string =>
  Object.entries(timings)
    .map(([stage, duration]) => `${stage};dur=${duration}`)
    .join(', ');

/** `Prediction: 5 | Confidence: 0.9862 | Time: 0.085s | ...` */
const logPrediction = (logger: Logger, body: Prediction): void =>
  logger.info(`Prediction: ${body.predicted_class}`, {
    Confidence: body.confidence.toFixed(4),
    Time: `${(body.timings.total / 1000).toFixed(3)}s`,
    model: `${body.model}/${body.model_version}`,
    request_id: body.request_id,
  });
