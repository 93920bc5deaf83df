// A model of TensorFlow.js: layers become a checkpoint like Keras's own, a graph becomes a graph like TensorFlow's.
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { readArchitecture } from '../keras/read-architecture.js';
import type { Checkpoint } from '../open-checkpoint.js';
import type { GraphModel } from '../tensorflow/graph-model.js';
import { readGraphFormat } from './graph-format.js';
import { LayersWeights } from './layers-weights.js';
import { layersConfig, parseModelJson } from './model-json.js';
import { findWeights } from './shards.js';

export type TfjsModel = { readonly layers: Checkpoint } | { readonly graph: GraphModel };

export function readTfjsModel(file: string, bytes: Uint8Array, maxBytes: number, ends: GraphEnds): TfjsModel {
  const model = parseModelJson(Buffer.from(bytes).toString('utf8'), file);
  const config = layersConfig(model);
  const weights = findWeights(model, file, maxBytes);
  if (config !== undefined) {
    const version = model.modelTopology['keras_version'];
    const architecture = readArchitecture(config);
    return {
      layers: {
        architecture,
        weights: new LayersWeights(file, architecture, weights),
        kerasVersion: typeof version === 'string' ? version : null,
      },
    };
  }
  if (Array.isArray(model.modelTopology['node']))
    return { graph: readGraphFormat(model, file, weights, ends) };
  throw new AppError('checkpoint_unsupported', `${file}: modelTopology holds neither layers nor a graph`);
}
