// POST /infer: the most probable classes and nothing else, of the ImageNet model where one is installed.
import { modelOrDefault } from '../default-model.js';
import type { Operation } from '../operation.js';
import { parseQuery } from '../parse-request.js';
import { inferenceExample } from '../schemas/examples.js';
import { inferenceSchema, inferQuerySchema, type Inference } from '../schemas/inference.js';
import type { Prediction } from '../schemas/prediction.js';
import { picturePrediction, type PredictionDeps } from './picture-prediction.js';

export const IMAGENET = 'imagenet';

export const inferOperation = (deps: PredictionDeps): Operation =>
  picturePrediction(deps, {
    id: 'infer',
    path: '/infer',
    tag: 'Predictions',
    summary: 'The most probable classes of a picture, in short',
    description: `Asks the model \`${IMAGENET}\` where it is installed, else the default model.`,
    query: inferQuerySchema,
    schema: inferenceSchema,
    example: inferenceExample,
    choose(req, classifier) {
      const { model, version } = parseQuery(inferQuerySchema, req);
      if (model !== undefined) return classifier.model(model, version);
      const meant = modelOrDefault(classifier, IMAGENET);
      return version === undefined ? meant : classifier.model(meant.info.name, version);
    },
    shape,
  });

const shape = ({ predictions, inference_time_ms }: Prediction): Inference => ({
  predictions: predictions.map(({ label, probability }) => ({ label, probability })),
  inference_time_ms,
});
