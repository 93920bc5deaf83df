// POST /classify/image: the class and all probabilities, of the CIFAR-10 model where one is installed.
import { modelOrDefault } from '../default-model.js';
import type { Operation } from '../operation.js';
import { parseQuery } from '../parse-request.js';
import { imageClassExample } from '../schemas/examples.js';
import { classifyQuerySchema, imageClassSchema, type ImageClass } from '../schemas/image-class.js';
import type { Prediction } from '../schemas/prediction.js';
import { picturePrediction, type PredictionDeps } from './picture-prediction.js';

export const CIFAR = 'cifar10';

export const classifyImageOperation = (deps: PredictionDeps): Operation =>
  picturePrediction(deps, {
    id: 'classifyImage',
    path: '/classify/image',
    tag: 'Predictions',
    summary: 'The class of a picture and the probabilities of all',
    description: `Asks the model \`${CIFAR}\` where it is installed, else the default model.`,
    query: classifyQuerySchema,
    schema: imageClassSchema,
    example: imageClassExample,
    all: true,
    choose(req, classifier) {
      const { model, version } = parseQuery(classifyQuerySchema, req);
      if (model !== undefined) return classifier.model(model, version);
      const meant = modelOrDefault(classifier, CIFAR);
      return version === undefined ? meant : classifier.model(meant.info.name, version);
    },
    shape,
  });

const shape = ({
  predicted_class,
  confidence,
  all_probabilities = {},
  timestamp,
}: Prediction): ImageClass => ({
  predicted_class,
  confidence,
  all_probabilities,
  timestamp,
});
