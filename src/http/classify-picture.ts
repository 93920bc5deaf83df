// From the bytes of one picture to its classes: the way that every endpoint of pictures goes.
import type { Classification, ServedModel } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';
import type { Decode } from '../imaging/decode.js';

export interface PictureRequest {
  readonly bytes: Uint8Array;
  readonly model: ServedModel;
  /** performance.now() by which the answer must be there. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export interface ClassifiedPicture {
  readonly classification: Classification;
  readonly decodeMs: number;
}

export type ClassifyPicture = (request: PictureRequest) => Promise<ClassifiedPicture>;

export const pictureClassifier = ({ decode }: { readonly decode: Decode }): ClassifyPicture =>
  async function classifyPicture({ bytes, model, deadline, signal }) {
    const started = performance.now();
    if (bytes.length === 0) throw new AppError('empty_file', 'the picture came with 0 bytes');
    const giveBack = model.reserve(1, { deadline });
    const pixels = await decode(bytes, model.info.input, { signal }).finally(giveBack);
    const decoded = performance.now();
    if (decoded > deadline) {
      const detail = `decoding took ${Math.round(decoded - started)} ms, and the time was over`;
      throw new AppError('deadline_in_queue', detail);
    }
    const classification = await model.classify(pixels, { deadline, signal });
    signal.throwIfAborted();
    return { classification, decodeMs: decoded - started };
  };
