// The REST API of TensorFlow Serving: https://www.tensorflow.org/tfx/serving/api_rest
import type { Request, Response } from 'express';
import type { ErrorCode } from '../../errors/catalogue.js';
import { answer } from '../answer.js';
import { jsonAnswer, type BodyDocument, type JsonSchema, type Operation } from '../operation.js';
import { PIXEL } from '../picture-body.js';
import { timeoutHeaderSchema } from '../schemas/parameters.js';
import {
  TENSOR_REFUSALS,
  tensorHandlers,
  type TensorDeps,
  type TensorProtocol,
} from '../tensors/tensor-call.js';
import { ADDRESSES, servedModel, targetOf, type Address } from './addresses.js';
import { classifyAnswer, predictAnswer } from './answers.js';
import { classifyRequest } from './classify-request.js';
import { modelMetadata, modelStatus } from './describe.js';
import { predictRequest } from './predict-request.js';
import {
  classifyAnswerSchema,
  classifyBodySchema,
  metadataSchema,
  predictAnswerSchema,
  predictBodySchema,
  statusSchema,
} from './schemas.js';

const MODEL_REFUSALS: readonly ErrorCode[] = ['unknown_model', 'model_unavailable'];

/** Calls with a verb come first: `:model` would take the verb in, too. */
export const tensorflowServingOperations = (deps: TensorDeps): readonly Operation[] => [
  ...ADDRESSES.flatMap((address) => [predict(deps, address), classify(deps, address)]),
  ...ADDRESSES.flatMap((address) => [metadata(deps, address), status(deps, address)]),
];

const predict = (deps: TensorDeps, address: Address): Operation => ({
  ...post(address, 'tfPredict', 'predict', predictBodySchema, { instances: [{ b64: PIXEL }] }),
  summary: `Classify a batch by ${address.words}`,
  description:
    'Numbers are what Keras’s own `predict` takes. Pictures, as `{"b64": "..."}`, are decoded, resized and scaled here.',
  answers: { 200: withTiming(jsonAnswer('One row for each example.', predictAnswerSchema)) },
  handlers: tensorHandlers(deps, protocol(deps, predictRequest, predictAnswer)),
});

const classify = (deps: TensorDeps, address: Address): Operation => ({
  ...post(address, 'tfClassify', 'classify', classifyBodySchema, {
    examples: [{ image: { b64: PIXEL } }],
  }),
  summary: `Labels with probabilities for a batch, by ${address.words}`,
  description: 'An example has one feature: a picture, or its numbers in a flat list.',
  answers: { 200: withTiming(jsonAnswer('Pairs for each example.', classifyAnswerSchema)) },
  handlers: tensorHandlers(deps, protocol(deps, classifyRequest, classifyAnswer)),
});

function protocol<Wanted>(
  { classifier }: TensorDeps,
  understand: TensorProtocol<Wanted>['understand'],
  answerBy: TensorProtocol<Wanted>['answer'],
): TensorProtocol<Wanted> {
  return { choose: (req) => servedModel(req, classifier), understand, answer: answerBy };
}

const withTiming = (document: Operation['answers'][number]): Operation['answers'][number] => ({
  ...document,
  headers: { 'Server-Timing': 'Milliseconds by stage.' },
});

function post(
  { id, path, params }: Address,
  verbId: string,
  verb: string,
  schema: JsonSchema,
  example: object,
) {
  const body: BodyDocument = {
    description: 'Read as JSON whatever its Content-Type says, since `curl -d` names another.',
    content: { 'application/json': { schema, example } },
  };
  return {
    id: `${verbId}${id}`,
    method: 'POST',
    path: `${path}\\:${verb}`,
    tag: 'TensorFlow Serving',
    params,
    headers: timeoutHeaderSchema,
    body,
    refusals: TENSOR_REFUSALS,
    predicts: true,
  } as const;
}

const status = ({ classifier }: TensorDeps, { id, path, params, words }: Address): Operation => ({
  id: `tfStatus${id}`,
  method: 'GET',
  path,
  tag: 'TensorFlow Serving',
  summary: `The state of ${words}`,
  params,
  answers: { 200: jsonAnswer('The versions, the newest first.', statusSchema) },
  refusals: MODEL_REFUSALS,
  handlers: [
    function tfStatus(req: Request, res: Response) {
      answer(req, res, { status: 200, body: modelStatus(classifier, targetOf(req, classifier)) });
    },
  ],
});

const metadata = ({ classifier }: TensorDeps, { id, path, params, words }: Address): Operation => ({
  id: `tfMetadata${id}`,
  method: 'GET',
  path: `${path}/metadata`,
  tag: 'TensorFlow Serving',
  summary: `Inputs and outputs of ${words}`,
  params,
  answers: { 200: jsonAnswer('Its signatures.', metadataSchema) },
  refusals: MODEL_REFUSALS,
  handlers: [
    function tfMetadata(req: Request, res: Response) {
      answer(req, res, { status: 200, body: modelMetadata(servedModel(req, classifier).info) });
    },
  ],
});
