// GET /: what this is, what it offers and how it is.
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { defaultModel } from '../default-model.js';
import type { RootBody } from '../schemas/root.js';

export interface ServiceName {
  readonly name: string;
  readonly version: string;
}

export interface RootOptions {
  readonly classifier: Classifier;
  readonly service: ServiceName;
}

const ENDPOINTS = {
  predict: 'POST /predict',
  health: 'GET /health',
  live: 'GET /health/live',
  ready: 'GET /health/ready',
} as const;

export const root = ({ classifier, service }: RootOptions): RequestHandler =>
  function root(req, res) {
    const model = defaultModel(classifier);
    const status = contextOf(res).lifecycle.leaving() ? 'draining' : model === null ? 'unhealthy' : 'running';
    const body: RootBody = {
      message: `${model?.info.title ?? 'Image classification'}: send a picture to POST /predict`,
      name: service.name,
      version: service.version,
      endpoints: ENDPOINTS,
      default_model: classifier.defaultModel,
      model_accuracy: model?.info.accuracy ?? null,
      status,
    };
    answer(req, res, { status: 200, body });
  };
