// What a request of a tensor protocol brings, whatever form it came in, and the way from there to a model's answers.
import type { Classification, ClassifyOptions, ServedModel } from '../../contracts/classifier.js';
import type { ModelInfo } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import type { Decode } from '../../imaging/decode.js';
import { applyInvert } from '../../imaging/invert.js';

export interface EncodedPicture {
  readonly bytes: Uint8Array;
  /** Where in the request it stood: "instances[3]". */
  readonly place: string;
}

export type Examples =
  /** As Keras's predict takes them: already scaled. */
  | { readonly kind: 'numbers'; readonly values: Float32Array; readonly count: number }
  /** Of the size that the model takes, not scaled yet. */
  | { readonly kind: 'pixels'; readonly images: readonly Uint8Array[] }
  | { readonly kind: 'pictures'; readonly pictures: readonly EncodedPicture[] };

export interface ClassifiedExamples {
  readonly classifications: readonly Classification[];
  readonly decodeMs: number;
}

export async function classifyExamples(
  examples: Examples,
  model: ServedModel,
  decode: Decode,
  options: ClassifyOptions,
): Promise<ClassifiedExamples> {
  const started = performance.now();
  if (examples.kind === 'numbers') {
    const { values, count } = examples;
    const classifications = await model.classifyTensor(values, count, options);
    refuseNoNumbers(classifications, 'invalid_tensor');
    return { classifications, decodeMs: 0 };
  }
  const images = await imagesOf(examples, model, decode, options);
  const decoded = performance.now();
  if (decoded > options.deadline) {
    const detail = `decoding took ${Math.round(decoded - started)} ms, and the time was over`;
    throw new AppError('deadline_in_queue', detail);
  }
  const classifications = await model.classifyAll(images, options);
  refuseNoNumbers(classifications, 'inference_failed');
  return { classifications, decodeMs: decoded - started };
}

async function imagesOf(
  examples: Exclude<Examples, { readonly kind: 'numbers' }>,
  model: ServedModel,
  decode: Decode,
  options: ClassifyOptions,
): Promise<readonly Uint8Array[]> {
  if (examples.kind === 'pixels') {
    const { input } = model.info;
    for (const pixels of examples.images) applyInvert(pixels, input, input.invert);
    return examples.images;
  }
  const { pictures } = examples;
  const giveBack = model.reserve(pictures.length, options);
  return Promise.all(pictures.map((picture) => decodeOne(picture, model.info, decode, options))).finally(
    giveBack,
  );
}

async function decodeOne(
  { bytes, place }: EncodedPicture,
  { input }: ModelInfo,
  decode: Decode,
  { signal }: ClassifyOptions,
): Promise<Uint8Array> {
  if (bytes.length === 0) throw new AppError('empty_file', `${place} has 0 bytes`);
  try {
    return await decode(bytes, input, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'client_gone') throw error;
    const { code, detail, cause, remedy } = error;
    throw new AppError(code, `${place}: ${detail}`, { cause, remedy });
  }
}

/** Numbers far beyond those of training overflow inside a model, and JSON has no words for the result. */
function refuseNoNumbers(
  classifications: readonly Classification[],
  code: 'invalid_tensor' | 'inference_failed',
): void {
  for (const [at, { probabilities }] of classifications.entries()) {
    const found = probabilities.find((value) => !Number.isFinite(value));
    if (found !== undefined) throw new AppError(code, `the model gives ${found} for example ${at}`);
  }
}

/** As the model itself gives it: of two classes that come from one sigmoid, that is the probability of the second. */
export const ownOutput = (info: ModelInfo, { probabilities }: Classification): Float32Array =>
  ownOutputSize(info) === 1 ? probabilities.subarray(1) : probabilities;

export const ownOutputSize = ({ outputShape, labels }: ModelInfo): number =>
  labels.length === 2 && outputShape.slice(1).every((size) => size === 1) ? 1 : labels.length;
