// From what the service knows of a model to the body of an answer.
import type { ModelFailure, ModelInfo } from '../contracts/model.js';
import type { FailedModelBody, ModelInfoBody, ModelSummary } from './schemas/models.js';

const INPUT_LAYER = 'input_layer';

export function modelInfoBody(info: ModelInfo, isDefault: boolean): ModelInfoBody {
  const { height, width, channels, resize, invert, background } = info.input;
  return {
    ...modelSummary(info, isDefault),
    total_parameters: info.totalParameters,
    layers: info.architecture.length,
    architecture: info.architecture.filter((kind) => kind !== INPUT_LAYER),
    keras_version: info.kerasVersion,
    source_hash: info.sourceHash,
    top_k: info.topK,
    labels: [...info.labels],
    input: {
      height,
      width,
      channels,
      scale:
        typeof info.scale === 'string'
          ? info.scale
          : { mean: list(info.scale.mean), std: list(info.scale.std) },
      fit: resize.fit,
      kernel: resize.kernel,
      invert,
      background,
    },
    notices: [...info.notices],
  };
}

export const modelSummary = (info: ModelInfo, isDefault: boolean): ModelSummary => ({
  model: info.name,
  model_version: info.version,
  status: 'ready',
  default: isDefault,
  title: info.title,
  model_accuracy: info.accuracy,
  input_shape: shapeText(info.inputShape),
  output_shape: shapeText(info.outputShape),
  precision: info.precision,
});

export const failedModelBody = ({ name, version, code, detail, remedy }: ModelFailure): FailedModelBody => ({
  model: name,
  model_version: version,
  status: 'failed',
  code,
  detail,
  remedy,
});

/** Python's tuple: one member has a comma behind it. */
const shapeText = (shape: readonly (number | null)[]): string =>
  `(${shape.map((size) => size ?? 'None').join(', ')}${shape.length === 1 ? ',' : ''})`;

const list = (value: number | readonly number[]): number | number[] =>
  typeof value === 'number' ? value : [...value];
