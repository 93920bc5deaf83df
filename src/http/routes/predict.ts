// POST /predict, and the same under a model's own address.
import type { Operation } from '../operation.js';
import { parseParams, parseQuery } from '../parse-request.js';
import { predictionExample } from '../schemas/examples.js';
import { modelParamsSchema, versionParamsSchema } from '../schemas/parameters.js';
import { predictionSchema, predictQuerySchema, topKQuerySchema } from '../schemas/prediction.js';
import { picturePrediction, type PicturePrediction, type PredictionDeps } from './picture-prediction.js';

const shared = {
  tag: 'Predictions',
  schema: predictionSchema,
  example: predictionExample,
  shape: (prediction) => prediction,
} as const satisfies Partial<PicturePrediction>;

export const predictOperations = (deps: PredictionDeps): readonly Operation[] => [
  picturePrediction(deps, {
    ...shared,
    id: 'predict',
    path: '/predict',
    summary: 'Classify a picture',
    query: predictQuerySchema,
    choose(req, classifier) {
      const { model, version } = parseQuery(predictQuerySchema, req);
      return classifier.model(model, version);
    },
  }),
  picturePrediction(deps, {
    ...shared,
    id: 'predictByModel',
    path: '/models/:model/predict',
    summary: 'Classify a picture by a model',
    params: modelParamsSchema,
    query: topKQuerySchema,
    choose: (req, classifier) => classifier.model(parseParams(modelParamsSchema, req).model),
  }),
  picturePrediction(deps, {
    ...shared,
    id: 'predictByVersion',
    path: '/models/:model/versions/:version/predict',
    summary: 'Classify a picture by one version of a model',
    params: versionParamsSchema,
    query: topKQuerySchema,
    choose(req, classifier) {
      const { model, version } = parseParams(versionParamsSchema, req);
      return classifier.model(model, version);
    },
  }),
];
