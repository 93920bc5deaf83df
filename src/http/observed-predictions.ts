// Every prediction is told to the recorder here, whatever endpoint asked for it.
import type { Classification, Classifier, ServedModel } from '../contracts/classifier.js';
import type { Recorder } from '../contracts/recorder.js';
import type { ClassifyPicture } from './classify-picture.js';

export const observedPictures = (classify: ClassifyPicture, recorder: Recorder): ClassifyPicture =>
  async function classifyObserved(request) {
    const result = await classify(request);
    const { classification, decodeMs, cache } = result;
    const { probabilities, queueMs, inferenceMs } = classification;
    // A kept answer waited for nothing and computed nothing: its zeros are no measurements.
    const stages = cache === 'HIT' ? {} : { decodeMs, queueMs, inferenceMs };
    recorder.predicted(request.model.info, { probabilities, cache, ...stages });
    return result;
  };

/** The batches of one request go to the model directly: its `classifyAll` and `classifyTensor` are watched. */
export function observedTensors(classifier: Classifier, recorder: Recorder): Classifier {
  const observed = new WeakMap<ServedModel, ServedModel>();
  const observe = (model: ServedModel): ServedModel => {
    const known = observed.get(model);
    if (known !== undefined) return known;
    const record = (classifications: readonly Classification[]): readonly Classification[] => {
      for (const { probabilities, queueMs, inferenceMs } of classifications) {
        recorder.predicted(model.info, { probabilities, queueMs, inferenceMs });
      }
      return classifications;
    };
    const wrapped: ServedModel = {
      info: model.info,
      costMs: model.costMs,
      classify: (pixels, options) => model.classify(pixels, options),
      classifyAll: async (images, options) => record(await model.classifyAll(images, options)),
      classifyTensor: async (values, count, options) =>
        record(await model.classifyTensor(values, count, options)),
      admit: (images, options) => model.admit(images, options),
      reserve: (images, options) => model.reserve(images, options),
      health: () => model.health(),
    };
    observed.set(model, wrapped);
    return wrapped;
  };
  return {
    model: (name, version) => observe(classifier.model(name, version)),
    get defaultModel() {
      return classifier.defaultModel;
    },
    models: () => classifier.models().map(observe),
    failures: () => classifier.failures(),
    ready: () => classifier.ready(),
  };
}
