// Opens a checkpoint of any kind that is read here: its architecture, and where its weights come from.
import { AppError } from '../errors/app-error.js';
import { Hdf5File } from './hdf5/hdf5-file.js';
import { LegacyWeights } from './hdf5/legacy-weights.js';
import type { Architecture } from './keras/architecture.js';
import { parseArchitecture } from './keras/read-architecture.js';
import type { WeightSource } from './keras/weights.js';

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly weights: WeightSource;
  readonly kerasVersion: string | null;
}

/** The checkpoint is open for the time of `body`; tensors read their data from it until then. */
export function openCheckpoint<T>(path: string, body: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  return Hdf5File.use(path, (file) => {
    const config = file.text('/', 'model_config');
    if (config === undefined) {
      const weightsOnly = file.texts('/', 'layer_names') !== undefined;
      throw new AppError(
        'checkpoint_unsupported',
        weightsOnly
          ? `${path} holds weights only, without the architecture`
          : `${path} is an HDF5 file, but not of Keras`,
      );
    }
    return body({
      architecture: parseArchitecture(config),
      weights: new LegacyWeights(file, '/model_weights'),
      kerasVersion: file.text('/', 'keras_version') ?? file.text('/model_weights', 'keras_version') ?? null,
    });
  });
}
