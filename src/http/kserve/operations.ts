// KServe's Open Inference Protocol v2: https://github.com/kserve/open-inference-protocol, with Triton's extensions for
// binary tensors and classification.
import type { Request, RequestHandler } from 'express';
import type { Classifier, ServedModel } from '../../contracts/classifier.js';
import { AppError } from '../../errors/app-error.js';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { jsonAnswer, type ObjectSchema, type Operation } from '../operation.js';
import { parseParams } from '../parse-request.js';
import { MODEL_REFUSALS } from '../refusals.js';
import type { ServiceName } from '../routes/root.js';
import {
  modelParamsSchema,
  nameParameter,
  timeoutHeaderSchema,
  versionParamsSchema,
} from '../schemas/parameters.js';
import { TENSOR_REFUSALS, tensorHandlers, type TensorDeps } from '../tensors/tensor-call.js';
import { LENGTH_HEADER } from './body-parts.js';
import { inferAnswer } from './infer-answer.js';
import { inferRequest } from './infer-request.js';
import { EXTENSIONS, modelMetadata } from './metadata.js';
import {
  inferAnswerSchema,
  inferBodyExample,
  inferBodySchema,
  liveServerSchema,
  modelMetadataSchema,
  readyModelSchema,
  readyServerSchema,
  serverMetadataSchema,
} from './schemas.js';

export interface KServeDeps extends TensorDeps {
  readonly service: ServiceName;
}

interface Address {
  /** Ends the operations' ids. */
  readonly id: string;
  readonly path: string;
  readonly words: string;
  readonly params: ObjectSchema;
}

const ADDRESSES: readonly Address[] = [
  { id: '', path: '/v2/models/:model', words: 'a model', params: modelParamsSchema },
  {
    id: 'Version',
    path: '/v2/models/:model/versions/:version',
    words: 'one version of a model',
    params: versionParamsSchema,
  },
];

const addressSchema = modelParamsSchema.extend({ version: nameParameter.optional() });

function modelAt(req: Request, classifier: Classifier): ServedModel {
  const { model, version } = parseParams(addressSchema, req);
  return classifier.model(model, version);
}

export const kserveOperations = (deps: KServeDeps): readonly Operation[] => [
  ...ADDRESSES.map((address) => infer(deps, address)),
  ...ADDRESSES.flatMap((address) => [metadata(deps, address), ready(deps, address)]),
  ...serverOperations(deps),
];

const tag = 'KServe v2';

const infer = (deps: TensorDeps, { id, path, words, params }: Address): Operation => ({
  id: `modelInfer${id}`,
  method: 'POST',
  path: `${path}/infer`,
  tag,
  summary: `Classify a batch by ${words}`,
  description: `Tensors in JSON, or in binary behind the JSON with \`${LENGTH_HEADER}\`.`,
  params,
  headers: timeoutHeaderSchema,
  body: {
    description: 'Read as the protocol says whatever its Content-Type.',
    content: {
      'application/json': { schema: inferBodySchema, example: inferBodyExample },
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    },
  },
  answers: {
    200: {
      description: 'What the model gives, as numbers or as classes.',
      content: {
        'application/json': { schema: inferAnswerSchema },
        'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      },
      headers: {
        'Server-Timing': 'Milliseconds by stage.',
        [LENGTH_HEADER]: 'Where the tensor is in binary: how long the JSON before it is.',
      },
    },
  },
  predicts: true,
  refusals: TENSOR_REFUSALS,
  handlers: tensorHandlers(deps, {
    choose: (req) => modelAt(req, deps.classifier),
    understand: inferRequest,
    answer: inferAnswer,
  }),
});

const metadata = ({ classifier }: TensorDeps, { id, path, words, params }: Address): Operation => ({
  id: `inferenceModel${id}`,
  method: 'GET',
  path,
  tag,
  summary: `Inputs and outputs of ${words}`,
  params,
  answers: { 200: jsonAnswer('Its tensors.', modelMetadataSchema) },
  refusals: MODEL_REFUSALS,
  handlers: [
    function inferenceModel(req, res) {
      const { info } = modelAt(req, classifier);
      answer(req, res, { status: 200, body: modelMetadata(classifier, info) });
    } satisfies RequestHandler,
  ],
});

const ready = ({ classifier }: TensorDeps, { id, path, words, params }: Address): Operation => ({
  id: `inferenceModelReady${id}`,
  method: 'GET',
  path: `${path}/ready`,
  tag,
  summary: `Whether ${words} can be asked`,
  params,
  answers: {
    200: jsonAnswer('It can.', readyModelSchema),
    503: jsonAnswer('Not yet, or it could not be loaded.', readyModelSchema),
  },
  refusals: ['unknown_model'],
  handlers: [
    function inferenceModelReady(req, res) {
      const isReady = canServe(req, classifier);
      const { model: name } = parseParams(modelParamsSchema, req);
      answer(req, res, { status: isReady ? 200 : 503, body: { name, ready: isReady } });
    } satisfies RequestHandler,
  ],
});

function canServe(req: Request, classifier: Classifier): boolean {
  try {
    modelAt(req, classifier);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'model_unavailable') return false;
    throw error;
  }
}

const serverOperations = ({ classifier, service }: KServeDeps): readonly Operation[] => [
  {
    id: 'inferenceServer',
    method: 'GET',
    path: '/v2',
    tag,
    summary: 'Name, version and extensions of the server',
    answers: { 200: jsonAnswer('The server.', serverMetadataSchema) },
    refusals: [],
    handlers: [
      function inferenceServer(req, res) {
        const { name, version } = service;
        answer(req, res, { status: 200, body: { name, version, extensions: EXTENSIONS } });
      } satisfies RequestHandler,
    ],
  },
  {
    id: 'inferenceServerLive',
    method: 'GET',
    path: '/v2/health/live',
    tag,
    summary: 'Whether the process answers',
    answers: { 200: jsonAnswer('It does.', liveServerSchema) },
    refusals: [],
    handlers: [
      function inferenceServerLive(req, res) {
        answer(req, res, { status: 200, body: { live: true } });
      } satisfies RequestHandler,
    ],
  },
  {
    id: 'inferenceServerReady',
    method: 'GET',
    path: '/v2/health/ready',
    tag,
    summary: 'Whether predictions may be sent',
    answers: {
      200: jsonAnswer('Every model is warm.', readyServerSchema),
      503: jsonAnswer('Not yet, or not any more.', readyServerSchema),
    },
    refusals: [],
    handlers: [
      function inferenceServerReady(req, res) {
        const isReady = classifier.ready() && !contextOf(res).lifecycle.leaving();
        answer(req, res, { status: isReady ? 200 : 503, body: { ready: isReady } });
      } satisfies RequestHandler,
    ],
  },
];
