// An operation that takes one picture and answers with its classes. The endpoints differ in the model they ask, in
// their path and in the shape of their answer; all that lies between is here.
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Classifier, ServedModel } from '../../contracts/classifier.js';
import type { LogFields, Logger } from '../../contracts/logger.js';
import { AppError, toAppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/catalogue.js';
import { answer } from '../answer.js';
import { wantsFresh, type ClassifyPicture } from '../classify-picture.js';
import { contextOf } from '../context.js';
import type { InFlight } from '../in-flight.js';
import { admission, admittedSlot } from '../middleware/admission.js';
import { jsonAnswer, type ObjectSchema, type Operation } from '../operation.js';
import { parseQuery } from '../parse-request.js';
import { onePictureBody } from '../picture-body.js';
import { predictionBody } from '../prediction-body.js';
import { PICTURE_REFUSALS } from '../refusals.js';
import { milliseconds } from '../rounding.js';
import { timeoutHeaderSchema } from '../schemas/parameters.js';
import { topKQuerySchema, type Prediction, type Timings } from '../schemas/prediction.js';
import { abortedWithoutReader } from '../time-left.js';
import { picturesSlot, upload } from '../upload/upload.js';

export interface PredictionDeps {
  readonly classifier: Classifier;
  readonly classify: ClassifyPicture;
  readonly inFlight: InFlight;
  readonly logger: Logger;
  readonly maxBytes: number;
  readonly uploadTimeoutMs: number;
  /** For decoding and inference; the upload has its own limit. */
  readonly timeoutMs: number;
  /** Overrules the models' own number of predictions; a request overrules both. */
  readonly topK: number | undefined;
}

export interface PicturePrediction extends Pick<
  Operation,
  'id' | 'path' | 'tag' | 'summary' | 'description' | 'params'
> {
  readonly query: ObjectSchema;
  readonly schema: ObjectSchema;
  readonly example: unknown;
  readonly choose: (req: Request, classifier: Classifier) => ServedModel;
  /** All probabilities, unasked. */
  readonly all?: true;
  /** What of a prediction this endpoint answers with. */
  readonly shape: (prediction: Prediction) => object;
}

export function picturePrediction(deps: PredictionDeps, endpoint: PicturePrediction): Operation {
  const { classifier, inFlight, logger, maxBytes, uploadTimeoutMs, timeoutMs } = deps;
  const { choose, shape, all = false, schema, example, ...documented } = endpoint;
  return {
    ...documented,
    method: 'POST',
    headers: timeoutHeaderSchema,
    body: onePictureBody,
    answers: {
      200: {
        ...jsonAnswer('The classes of the picture.', schema, example),
        headers: {
          'Server-Timing': 'The stages of `timings`, for the tools of browsers.',
          'X-Cache':
            'HIT: this picture was seen before. MISS: it is now. BYPASS: it was not looked for, as the model is cheap or the request says `Cache-Control: no-cache`.',
        },
      },
    },
    refusals: PICTURE_REFUSALS,
    predicts: true,
    handlers: [
      admission({ inFlight, timeoutMs, choose: (req) => choose(req, classifier) }),
      upload({ maxBytes, timeoutMs: uploadTimeoutMs }),
      predict(deps, { shape, all }),
      logFailedPrediction({ logger }),
    ],
  };
}

const predict = (
  { classify, logger, topK }: PredictionDeps,
  { shape, all }: { readonly shape: PicturePrediction['shape']; readonly all: boolean },
): RequestHandler =>
  async function predict(req, res) {
    const { id, arrival } = contextOf(res);
    const { model, timeoutMs } = admittedSlot.get(res);
    const wanted = parseQuery(topKQuerySchema, req);
    const [picture] = picturesSlot.get(res);
    if (picture === undefined) throw new AppError('internal', 'the upload brought no picture');

    const received = performance.now();
    const { classification, decodeMs, cache } = await classify({
      bytes: picture.bytes,
      model,
      deadline: received + timeoutMs,
      signal: abortedWithoutReader(res),
      fresh: wantsFresh(req),
    });
    const timings: Timings = {
      receive: milliseconds(received - arrival),
      decode: milliseconds(decodeMs),
      queue: milliseconds(classification.queueMs),
      inference: milliseconds(classification.inferenceMs),
      total: milliseconds(performance.now() - arrival),
    };
    const prediction = predictionBody({
      requestId: id,
      info: model.info,
      classification,
      topK: wanted.top_k ?? topK ?? model.info.topK,
      all: wanted.all ?? all,
      timings,
    });
    res.setHeader('Server-Timing', serverTiming(timings));
    res.setHeader('X-Cache', cache);
    answer(req, res, { status: 200, body: shape(prediction) });
    logPrediction(logger, prediction);
  };

/** Refusals that come in floods and say nothing about the image; the access log counts them. */
const QUIET: readonly ErrorCode[] = [
  'client_gone',
  'queue_full',
  'draining',
  'rate_limited',
  'unauthorized',
  'forbidden',
];

/** Logs why a prediction failed, wherever on its way, and leaves the answer to the next handler. */
export const logFailedPrediction = ({ logger }: { readonly logger: Logger }): ErrorRequestHandler =>
  function logFailedPrediction(thrown: unknown, _req, res: Response, next) {
    logFailure(logger, toAppError(thrown), { request_id: contextOf(res).id });
    next(thrown);
  };

export function logFailure(logger: Logger, error: AppError, where: LogFields): void {
  const level = QUIET.includes(error.code) ? 'debug' : error.entry.status === 500 ? 'error' : 'warn';
  logger[level](`Prediction failed: ${error.entry.title}`, {
    detail: error.detail,
    code: error.code,
    ...where,
    // A whole request's is told of where it is answered.
    ...('picture' in where && error.cause !== undefined ? { cause: error.cause } : {}),
  });
}

/** https://www.w3.org/TR/server-timing/ */
export const serverTiming = ({ receive, decode, queue, inference, total }: Timings): string =>
  `receive;dur=${text(receive)}, decode;dur=${text(decode)}, queue;dur=${text(queue)}, ` +
  `inference;dur=${text(inference)}, total;dur=${text(total)}`;

/** V8 keeps texts of floats that are made by a template, which would fill the old heap (docs/adr/0008). */
const text = (milliseconds: number): string => milliseconds.toFixed(3);

/** `Prediction: 5 | Confidence: 0.9862 | Time: 0.085s | ...` */
export const logPrediction = (logger: Logger, body: Prediction): void =>
  logger.info(`Prediction: ${body.predicted_class}`, {
    Confidence: body.confidence.toFixed(4),
    Time: `${(body.timings.total / 1000).toFixed(3)}s`,
    model: `${body.model}/${body.model_version}`,
    request_id: body.request_id,
  });
