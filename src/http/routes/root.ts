// GET /: what this is, what it offers and how it is.
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { defaultModel } from '../default-model.js';
import { documentPath } from '../openapi/document-path.js';
import { jsonAnswer, type Operation } from '../operation.js';
import { rootSchema, type RootBody } from '../schemas/root.js';

export interface ServiceName {
  readonly name: string;
  readonly version: string;
}

export interface RootOptions {
  readonly classifier: Classifier;
  readonly service: ServiceName;
  /** Asked when all are known. */
  readonly operations: () => readonly Operation[];
}

export const rootOperation = (options: RootOptions): Operation => ({
  id: 'root',
  method: 'GET',
  path: '/',
  tag: 'Service',
  summary: 'What this is and what it offers',
  answers: { 200: jsonAnswer('Name, version, endpoints and state.', rootSchema) },
  refusals: [],
  handlers: [root(options)],
});

const root = ({ classifier, service, operations }: RootOptions): RequestHandler =>
  function root(req, res) {
    const model = defaultModel(classifier);
    const status = contextOf(res).lifecycle.leaving() ? 'draining' : model === null ? 'unhealthy' : 'running';
    const body: RootBody = {
      message: `${model?.info.title ?? 'Image classification'}: send a picture to POST /predict`,
      name: service.name,
      version: service.version,
      endpoints: Object.fromEntries(
        operations().map(({ id, method, path }) => [id, `${method} ${documentPath(path)}`]),
      ),
      default_model: classifier.defaultModel,
      model_accuracy: model?.info.accuracy ?? null,
      status,
    };
    answer(req, res, { status: 200, body });
  };
