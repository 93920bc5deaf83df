// What TensorFlow Serving tells about a model: the state of its versions, and its signatures.
import type { Classifier } from '../../contracts/classifier.js';
import type { ModelInfo } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { ownOutputSize } from '../tensors/examples.js';
import { kerasShape } from '../tensors/model-shape.js';
import { numberOf, type Target } from './addresses.js';
import { CLASSIFY_SIGNATURE, INPUT_NAME, OUTPUT_NAME, PREDICT_SIGNATURE } from './names.js';
import type { MetadataBody, StatusBody } from './schemas.js';

export function modelStatus(classifier: Classifier, { model, version }: Target): StatusBody {
  const isMeant = (name: string, found: string | null): boolean =>
    name === model && (version === undefined || version === found);
  const available = classifier
    .models()
    .filter(({ info }) => isMeant(info.name, info.version))
    .map(({ info }) => ({
      version: numberOf(info.version),
      state: 'AVAILABLE' as const,
      status: { error_code: 'OK' as const, error_message: '' },
    }));
  const failed = classifier
    .failures()
    .filter((failure) => isMeant(failure.name, failure.version))
    .map((failure) => ({
      version: numberOf(failure.version ?? '0'),
      state: 'END' as const,
      status: { error_code: 'FAILED_PRECONDITION' as const, error_message: failure.detail },
    }));
  const known = [...available, ...failed];
  if (known.length === 0) refuseUnknown(classifier, model, version);
  return { model_version_status: known.toReversed() };
}

function refuseUnknown(classifier: Classifier, model: string, version: string | undefined): never {
  const what = version === undefined ? 'any versions' : `version ${version}`;
  try {
    classifier.model(model, version);
  } catch (error) {
    // A model that is still loading is not unknown.
    if (!(error instanceof AppError) || error.code !== 'unknown_model') throw error;
  }
  throw new AppError('unknown_model', `Could not find ${what} of model ${model}`);
}

const tensor = (dtype: 'DT_FLOAT' | 'DT_STRING', name: string, sizes: readonly number[]) => ({
  dtype,
  tensor_shape: {
    dim: [-1, ...sizes].map((size) => ({ size: String(size), name: '' })),
    unknown_rank: false,
  },
  name,
});

export function modelMetadata(info: ModelInfo): MetadataBody {
  return {
    model_spec: { name: info.name, signature_name: '', version: numberOf(info.version) },
    metadata: {
      signature_def: {
        signature_def: {
          [PREDICT_SIGNATURE]: {
            inputs: {
              [INPUT_NAME]: tensor('DT_FLOAT', `${PREDICT_SIGNATURE}_${INPUT_NAME}:0`, kerasShape(info)),
            },
            outputs: {
              [OUTPUT_NAME]: tensor('DT_FLOAT', 'StatefulPartitionedCall:0', [ownOutputSize(info)]),
            },
            method_name: 'tensorflow/serving/predict',
          },
          [CLASSIFY_SIGNATURE]: {
            inputs: { inputs: tensor('DT_STRING', 'tf_example:0', []) },
            outputs: {
              classes: tensor('DT_STRING', 'classes:0', [info.labels.length]),
              scores: tensor('DT_FLOAT', 'scores:0', [info.labels.length]),
            },
            method_name: 'tensorflow/serving/classify',
          },
        },
      },
    },
  };
}
