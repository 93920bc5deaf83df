// What the protocol tells about the server and its models.
import type { Classifier } from '../../contracts/classifier.js';
import type { ModelInfo } from '../../contracts/model.js';
import { ownOutputSize } from '../tensors/examples.js';
import { kerasShape } from '../tensors/model-shape.js';
import { INPUT_NAME, OUTPUT_NAME } from './schemas.js';

export const EXTENSIONS: readonly string[] = ['binary_tensor_data', 'classification'];

export const modelMetadata = (classifier: Classifier, info: ModelInfo) => ({
  name: info.name,
  versions: classifier
    .models()
    .filter((model) => model.info.name === info.name)
    .map((model) => model.info.version),
  platform: 'tensorflow_savedmodel',
  inputs: [{ name: INPUT_NAME, datatype: 'FP32', shape: [-1, ...kerasShape(info)] }],
  outputs: [{ name: OUTPUT_NAME, datatype: 'FP32', shape: [-1, ownOutputSize(info)] }],
});
