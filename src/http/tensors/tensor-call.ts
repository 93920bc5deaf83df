// A call of a tensor protocol: its body is read within limits, understood by the protocol, classified, and answered in
// the protocol's words. All that the protocols share is here.
import type { Request, RequestHandler, Response } from 'express';
import type { Classification, Classifier, ServedModel } from '../../contracts/classifier.js';
import type { Logger } from '../../contracts/logger.js';
import { AppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/catalogue.js';
import type { Decode } from '../../imaging/decode.js';
import { answer, type Answer } from '../answer.js';
import { contextOf } from '../context.js';
import type { InFlight } from '../in-flight.js';
import { admission, admittedSlot } from '../middleware/admission.js';
import type { Operation } from '../operation.js';
import { LOAD_REFUSALS, MODEL_REFUSALS } from '../refusals.js';
import { milliseconds } from '../rounding.js';
import { logFailedPrediction, serverTiming } from '../routes/picture-prediction.js';
import type { Timings } from '../schemas/prediction.js';
import { abortedWithoutReader } from '../time-left.js';
import { readWhole, refuseEncoded, withinLimits } from '../upload/bounded-body.js';
import type { BodyMemory } from './body-memory.js';
import { classifyExamples, type Examples } from './examples.js';
import { readJson, type JsonOptions, type JsonValue } from './json-reader.js';
import { exampleSize } from './model-shape.js';
import { Slices, type Turns } from './turns.js';

export interface TensorDeps {
  readonly classifier: Classifier;
  readonly decode: Decode;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  readonly turns: Turns;
  readonly bodies: BodyMemory;
  /** Of one picture. */
  readonly maxBytes: number;
  /** Of a whole body. */
  readonly maxTensorBytes: number;
  /** Examples of one request; no more ever fit into a queue. */
  readonly maxExamples: number;
  readonly uploadTimeoutMs: number;
  readonly timeoutMs: number;
}

/** What a protocol needs to understand a body. */
export interface TensorCall {
  readonly req: Request;
  readonly body: Buffer;
  readonly model: ServedModel;
  readonly slices: Slices;
  /** Of one picture. */
  readonly maxBytes: number;
  readonly maxExamples: number;
  readonly parse: (bytes: Buffer, options?: Pick<JsonOptions, 'plain'>) => Promise<JsonValue>;
}

export interface Understood<Wanted> {
  readonly examples: Examples;
  /** How the answer shall look. */
  readonly wanted: Wanted;
  /** Of less time than the service allows, where the protocol has a word for it. */
  readonly timeoutMs?: number;
}

export interface TensorProtocol<Wanted> {
  readonly choose: (req: Request) => ServedModel;
  readonly understand: (call: TensorCall) => Promise<Understood<Wanted>>;
  readonly answer: (
    wanted: Wanted,
    classifications: readonly Classification[],
    call: TensorCall,
  ) => Promise<Answer & { readonly headers?: Readonly<Record<string, string>> }>;
}

export const TENSOR_REFUSALS: readonly ErrorCode[] = [
  ...MODEL_REFUSALS,
  ...LOAD_REFUSALS,
  'malformed_json',
  'invalid_tensor',
  'empty_file',
  'upload_timeout',
  'body_too_large',
  'too_many_images',
  'file_too_large',
  'image_too_large',
  'unsupported_media',
  'unsupported_encoding',
  'undecodable_image',
];

export const tensorHandlers = <Wanted>(
  deps: TensorDeps,
  protocol: TensorProtocol<Wanted>,
): Operation['handlers'] => [
  admission({ inFlight: deps.inFlight, timeoutMs: deps.timeoutMs, choose: protocol.choose }),
  tensorCall(deps, protocol),
  logFailedPrediction({ logger: deps.logger }),
];

const tensorCall = <Wanted>(deps: TensorDeps, protocol: TensorProtocol<Wanted>): RequestHandler =>
  async function tensorCall(req, res) {
    const { arrival, id } = contextOf(res);
    const { model, timeoutMs } = admittedSlot.get(res);
    const body = await readBody(req, res, deps);
    const received = performance.now();
    const signal = abortedWithoutReader(res);

    const call = tensorCallOf(req, body, model, deps);
    const { examples, wanted, timeoutMs: asked = timeoutMs } = await protocol.understand(call);
    signal.throwIfAborted();
    const deadline = received + Math.min(timeoutMs, asked);
    const understood = performance.now();
    if (understood > deadline) {
      const detail = `reading ${body.length} bytes took ${Math.round(understood - received)} ms, and the time was over`;
      throw new AppError('deadline_in_queue', detail);
    }
    const { classifications, decodeMs } = await classifyExamples(examples, model, deps.decode, {
      deadline,
      signal,
    });
    signal.throwIfAborted();
    const { headers = {}, ...answered } = await protocol.answer(wanted, classifications, call);
    const timings: Timings = {
      receive: milliseconds(received - arrival),
      decode: milliseconds(understood - received + decodeMs),
      queue: milliseconds(Math.max(...classifications.map(({ queueMs }) => queueMs))),
      inference: milliseconds(Math.max(...classifications.map(({ inferenceMs }) => inferenceMs))),
      total: milliseconds(performance.now() - arrival),
    };
    res.setHeader('Server-Timing', serverTiming(timings));
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    answer(req, res, answered);
    deps.logger.info(`Examples classified: ${classifications.length}`, {
      Time: `${(timings.total / 1000).toFixed(3)}s`,
      model: `${model.info.name}/${model.info.version}`,
      request_id: id,
    });
  };

function tensorCallOf(
  req: Request,
  body: Buffer,
  model: ServedModel,
  { turns, maxBytes, maxExamples }: TensorDeps,
): TensorCall {
  const slices = new Slices(turns);
  const size = exampleSize(model.info);
  const tooMany = (): AppError =>
    new AppError(
      'too_many_images',
      `more than ${maxExamples * size} numbers; the model takes ${size} for an example, and ${maxExamples} examples at once`,
    );
  return {
    req,
    body,
    model,
    slices,
    maxBytes,
    maxExamples,
    parse: (bytes, options = {}) =>
      readJson(bytes, { slices, maxNumbers: maxExamples * size, tooMany, ...options }),
  };
}

function readBody(
  req: Request,
  res: Response,
  { maxTensorBytes, uploadTimeoutMs, bodies }: TensorDeps,
): Promise<Buffer> {
  refuseEncoded(req);
  const tooLarge = (announced?: number): AppError => {
    const limit = `the body may have ${maxTensorBytes} bytes`;
    return new AppError(
      'body_too_large',
      announced === undefined ? `${limit}; more arrived` : `${limit}; it announces ${announced}`,
    );
  };
  const limits = { maxBytes: maxTensorBytes, timeoutMs: uploadTimeoutMs, tooLarge };
  return withinLimits(req, limits, () => Promise.race([readWhole(req), bodies.watch(req, res)]));
}
