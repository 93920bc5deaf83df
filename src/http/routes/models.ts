// What is served and what could not be: all of it, one model, one version, and the default at /model_info.
import type { Request, RequestHandler } from 'express';
import type { Classifier, ServedModel } from '../../contracts/classifier.js';
import type { ModelFailure } from '../../contracts/model.js';
import { answer } from '../answer.js';
import { defaultModel } from '../default-model.js';
import { failedModelBody, modelInfoBody, modelSummary } from '../model-body.js';
import { jsonAnswer, type Operation } from '../operation.js';
import { parseParams, parseQuery } from '../parse-request.js';
import { MODEL_REFUSALS } from '../refusals.js';
import {
  modelInfoQuerySchema,
  modelInfoSchema,
  modelListSchema,
  modelSchema,
  modelVersionSchema,
  type ModelBody,
  type ModelListBody,
} from '../schemas/models.js';
import { modelParamsSchema, versionParamsSchema } from '../schemas/parameters.js';

export interface ModelsOptions {
  readonly classifier: Classifier;
}

export const modelOperations = (options: ModelsOptions): readonly Operation[] => [
  {
    id: 'modelInfo',
    method: 'GET',
    path: '/model_info',
    tag: 'Models',
    summary: 'All that is known of the default model, or of another',
    query: modelInfoQuerySchema,
    answers: { 200: jsonAnswer('A model version that answers.', modelInfoSchema) },
    refusals: MODEL_REFUSALS,
    handlers: [modelInfo(options)],
  },
  {
    id: 'models',
    method: 'GET',
    path: '/models',
    tag: 'Models',
    summary: 'Every model and version, also those that could not be loaded',
    answers: { 200: jsonAnswer('By name and version.', modelListSchema) },
    refusals: [],
    handlers: [models(options)],
  },
  {
    id: 'model',
    method: 'GET',
    path: '/models/:model',
    tag: 'Models',
    summary: 'A model with its versions',
    params: modelParamsSchema,
    answers: { 200: jsonAnswer('Its versions from the oldest to the newest.', modelSchema) },
    refusals: MODEL_REFUSALS,
    handlers: [model(options)],
  },
  {
    id: 'modelVersion',
    method: 'GET',
    path: '/models/:model/versions/:version',
    tag: 'Models',
    summary: 'One version of a model',
    params: versionParamsSchema,
    answers: { 200: jsonAnswer('What is known of it, or why it could not be loaded.', modelVersionSchema) },
    refusals: MODEL_REFUSALS,
    handlers: [modelVersion(options)],
  },
];

const infoOf = (model: ServedModel, classifier: Classifier) =>
  modelInfoBody(model.info, model.info === defaultModel(classifier)?.info);

const modelInfo = ({ classifier }: ModelsOptions): RequestHandler =>
  function modelInfo(req, res) {
    const { model, version } = parseQuery(modelInfoQuerySchema, req);
    answer(req, res, { status: 200, body: infoOf(classifier.model(model, version), classifier) });
  };

const models = ({ classifier }: ModelsOptions): RequestHandler =>
  function models(req, res) {
    const preferred = defaultModel(classifier)?.info;
    const body: ModelListBody = {
      default_model: classifier.defaultModel,
      models: [
        ...classifier.models().map((served) => modelSummary(served.info, served.info === preferred)),
        ...classifier.failures().map(failedModelBody),
      ],
    };
    answer(req, res, { status: 200, body });
  };

const model = ({ classifier }: ModelsOptions): RequestHandler =>
  function model(req, res) {
    const { model: name } = parseParams(modelParamsSchema, req);
    const versions = classifier.models().filter(({ info }) => info.name === name);
    const failures = failuresOf(classifier, name);
    // Nothing of that name: it says what there is.
    const serving = versions.length > 0 || failures.length === 0 ? classifier.model(name) : null;
    const body: ModelBody = {
      model: name,
      serving_version: serving?.info.version ?? null,
      versions: [
        ...versions.map((served) => infoOf(served, classifier)),
        ...failures.map(failedModelBody),
      ].toSorted(byVersion),
    };
    answer(req, res, { status: 200, body });
  };

const modelVersion = ({ classifier }: ModelsOptions): RequestHandler =>
  function modelVersion(req: Request, res) {
    const { model: name, version } = parseParams(versionParamsSchema, req);
    const failure = failuresOf(classifier, name).find((failed) => failed.version === version);
    const body =
      failure === undefined ? infoOf(classifier.model(name, version), classifier) : failedModelBody(failure);
    answer(req, res, { status: 200, body });
  };

const failuresOf = (classifier: Classifier, name: string): readonly ModelFailure[] =>
  classifier.failures().filter((failure) => failure.name === name);

/** v2 before v10. */
const byVersion = (a: Versioned, b: Versioned): number =>
  (a.model_version ?? '').localeCompare(b.model_version ?? '', 'en', { numeric: true });

interface Versioned {
  readonly model_version: string | null;
}
