// POST /batch-predict: several pictures in one request. One that fails never touches its neighbours.
import type { Request, RequestHandler } from 'express';
import type { ServedModel } from '../../contracts/classifier.js';
import type { Logger } from '../../contracts/logger.js';
import type { StopSignal } from '../../contracts/stop-signal.js';
import type { ErrorCode } from '../../errors/catalogue.js';
import { toAppError } from '../../errors/app-error.js';
import { answer } from '../answer.js';
import { wantsFresh } from '../classify-picture.js';
import { contextOf } from '../context.js';
import { mapAtOnce } from '../../contracts/map-at-once.js';
import { admission, admittedSlot } from '../middleware/admission.js';
import { jsonAnswer, type AnswerDocument, type Operation } from '../operation.js';
import { parseQuery } from '../parse-request.js';
import { batchBody } from '../picture-body.js';
import { batchAnswer, type Outcome } from '../batch-answer.js';
import { predictionBody } from '../prediction-body.js';
import { LOAD_REFUSALS, MODEL_REFUSALS, UPLOAD_REFUSALS } from '../refusals.js';
import { milliseconds } from '../rounding.js';
import { batchSchema, type BatchPrediction } from '../schemas/batch.js';
import { batchExample } from '../schemas/examples.js';
import { timeoutHeaderSchema } from '../schemas/parameters.js';
import { predictQuerySchema, type Prediction } from '../schemas/prediction.js';
import { abortedWithoutReader } from '../time-left.js';
import type { Picture } from '../upload/picture.js';
import { BATCH_FIELDS, picturesSlot, upload } from '../upload/upload.js';
import { logFailedPrediction, logFailure, serverTiming, type PredictionDeps } from './picture-prediction.js';

const PICTURES = { min: 2, max: 20 } as const;

/** Of one request: more would keep every decoder from pictures that somebody waits for. */
const AT_ONCE = 8;

/** What one picture among others may fail with. */
const OWN_FAULTS = [400, 413, 415, 422, 500, 503, 504] as const;

/** What a whole request may be refused with: all but the faults of its pictures. */
const WHOLE_REFUSALS: readonly ErrorCode[] = [
  ...UPLOAD_REFUSALS.filter(
    (code) => !['empty_file', 'image_too_large', 'unsupported_media', 'undecodable_image'].includes(code),
  ),
  ...MODEL_REFUSALS,
  ...LOAD_REFUSALS,
  'too_few_files',
  'too_many_images',
];

export function batchPredictOperation(deps: PredictionDeps): Operation {
  const { classifier, inFlight, logger, maxBytes, uploadTimeoutMs, timeoutMs } = deps;
  const choose = (req: Request): ServedModel => {
    const { model, version } = parseQuery(predictQuerySchema, req);
    return classifier.model(model, version);
  };
  return {
    id: 'batchPredict',
    method: 'POST',
    path: '/batch-predict',
    tag: 'Predictions',
    summary: `Classify ${PICTURES.min} to ${PICTURES.max} pictures`,
    description:
      'Each picture has its own prediction or its own problem. Where every one of them failed, the status is the highest of theirs, and the body is the same.',
    query: predictQuerySchema,
    headers: timeoutHeaderSchema,
    body: batchBody(PICTURES.min, PICTURES.max),
    answers: {
      200: {
        ...jsonAnswer('At least one picture was classified.', batchSchema, batchExample),
        headers: { 'Server-Timing': 'The stages of `timings`, for the tools of browsers.' },
      },
      ...allFailed(),
    },
    refusals: WHOLE_REFUSALS,
    predicts: true,
    handlers: [
      admission({
        inFlight,
        timeoutMs,
        choose,
        pictures: PICTURES.min,
        priority: 'batch',
      }),
      upload({
        maxBytes,
        timeoutMs: uploadTimeoutMs,
        minPictures: PICTURES.min,
        maxPictures: PICTURES.max,
        fields: BATCH_FIELDS,
        hold: (res, pictures) => inFlight.grow(res, pictures),
      }),
      batchPredict(deps),
      logFailedPrediction({ logger }),
    ],
  };
}

const allFailed = (): Readonly<Record<number, AnswerDocument>> =>
  Object.fromEntries(
    OWN_FAULTS.map((status) => [status, jsonAnswer('No picture could be classified.', batchSchema)]),
  );

const batchPredict = (deps: PredictionDeps): RequestHandler =>
  async function batchPredict(req, res) {
    const { logger } = deps;
    const { id, arrival } = contextOf(res);
    const { model, timeoutMs } = admittedSlot.get(res);
    const pictures = picturesSlot.get(res);
    const received = performance.now();
    const deadline = received + timeoutMs;
    model.admit(Math.min(pictures.length, AT_ONCE), { deadline, priority: 'batch' });

    const { top_k, all } = parseQuery(predictQuerySchema, req);
    const request: BatchRequest = {
      model,
      top_k,
      all,
      id,
      arrival,
      received,
      deadline,
      signal: abortedWithoutReader(res),
      fresh: wantsFresh(req),
    };
    const outcomes = await mapAtOnce(pictures, AT_ONCE, async (picture): Promise<Outcome> => {
      try {
        return { picture, prediction: await predictOne(deps, request, picture) };
      } catch (error) {
        return { picture, error: toAppError(error) };
      }
    });
    request.signal.throwIfAborted();

    const { status, body, retryAfterSeconds } = batchAnswer({ outcomes, arrival, received, model, res });
    contextOf(res).failedPictures = body.failed;
    if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
    res.setHeader('Server-Timing', serverTiming(body.timings));
    answer(req, res, { status, body });
    logBatch(logger, outcomes, body);
  };

interface BatchRequest {
  readonly model: ServedModel;
  readonly top_k: number | undefined;
  readonly all: boolean | undefined;
  readonly id: string;
  readonly arrival: number;
  readonly received: number;
  readonly deadline: number;
  readonly signal: StopSignal;
  readonly fresh: boolean;
}

async function predictOne(
  { classify, topK }: PredictionDeps,
  { model, deadline, signal, fresh, id, arrival, received, ...wanted }: BatchRequest,
  { bytes, fault }: Picture,
): Promise<Prediction> {
  if (fault !== undefined) throw fault;
  const { classification, decodeMs } = await classify({
    bytes,
    model,
    deadline,
    signal,
    fresh,
    priority: 'batch',
  });
  return predictionBody({
    requestId: id,
    info: model.info,
    classification,
    topK: wanted.top_k ?? topK ?? model.info.topK,
    all: wanted.all ?? false,
    timings: {
      receive: milliseconds(received - arrival),
      decode: milliseconds(decodeMs),
      queue: milliseconds(classification.queueMs),
      inference: milliseconds(classification.inferenceMs),
      total: milliseconds(performance.now() - arrival),
    },
  });
}

function logBatch(logger: Logger, outcomes: readonly Outcome[], body: BatchPrediction): void {
  for (const [index, outcome] of outcomes.entries()) {
    if ('error' in outcome)
      logFailure(logger, outcome.error, { request_id: body.request_id, picture: index });
  }
  logger.info(`Batch prediction: ${body.succeeded} of ${body.count}`, {
    Time: `${(body.timings.total / 1000).toFixed(3)}s`,
    model: `${body.model}/${body.model_version}`,
    request_id: body.request_id,
  });
}
