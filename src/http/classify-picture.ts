// From the bytes of one picture to its classes: the way that every endpoint of pictures goes.
import type { Request } from 'express';
import type { Classification, Priority, ServedModel } from '../contracts/classifier.js';
import type { CacheOutcome, ResultCache } from '../contracts/result-cache.js';
import type { StopSignal } from '../contracts/stop-signal.js';
import { AppError } from '../errors/app-error.js';
import type { Decode } from '../imaging/decode.js';

export interface PictureRequest {
  readonly bytes: Uint8Array;
  readonly model: ServedModel;
  /** performance.now() by which the answer must be there. */
  readonly deadline: number;
  readonly signal: StopSignal;
  readonly priority?: Priority;
  /** The client wants no kept answer. */
  readonly fresh?: boolean;
}

export interface ClassifiedPicture {
  readonly classification: Classification;
  readonly decodeMs: number;
  readonly cache: CacheOutcome;
}

export type ClassifyPicture = (request: PictureRequest) => Promise<ClassifiedPicture>;

export interface PictureClassifierOptions {
  readonly decode: Decode;
  readonly results: ResultCache;
}

export const pictureClassifier = ({ decode, results }: PictureClassifierOptions): ClassifyPicture => {
  const compute = async ({ bytes, model, deadline, signal, priority = 'interactive' }: PictureRequest) => {
    const started = performance.now();
    // One of several, whose neighbours were decoded meanwhile.
    if (started > deadline)
      throw new AppError('deadline_in_queue', 'the time was over before it was decoded');
    const giveBack = model.reserve(1, { deadline, priority });
    const pixels = await decode(bytes, model.info.input, { signal }).finally(giveBack);
    const decoded = performance.now();
    if (decoded > deadline) {
      const detail = `decoding took ${Math.round(decoded - started)} ms, and the time was over`;
      throw new AppError('deadline_in_queue', detail);
    }
    const classification = await model.classify(pixels, { deadline, signal, priority });
    return { classification, probabilities: classification.probabilities, decodeMs: decoded - started };
  };

  return async function classifyPicture(request) {
    const { bytes, model, deadline, signal, fresh = false } = request;
    if (bytes.length === 0) throw new AppError('empty_file', 'the picture came with 0 bytes');
    const { info, costMs } = model;
    const result = await results.classify(
      {
        bytes,
        fingerprint: info.fingerprint,
        classes: info.labels.length,
        costMs,
        deadline,
        signal,
        bypass: fresh,
      },
      () => compute(request),
    );
    signal.throwIfAborted();
    if (result.outcome === 'HIT') {
      const { probabilities } = result;
      const classification = { probabilities, queueMs: 0, inferenceMs: 0, batchSize: 0 };
      return { classification, decodeMs: 0, cache: result.outcome };
    }
    const { classification, decodeMs } = result.computed;
    return { classification, decodeMs, cache: result.outcome };
  };
};

/** RFC 9111, 5.2.1: no-cache asks for an answer made now; no-store for none to be kept. */
export const wantsFresh = ({ headers }: Pick<Request, 'headers'>): boolean =>
  /\bno-(cache|store)\b/i.test(headers['cache-control'] ?? '');
