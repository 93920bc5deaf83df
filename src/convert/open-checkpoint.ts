// Opens a checkpoint of any kind that is read here: its architecture, and where its weights come from.
import { open } from 'node:fs/promises';
import type { CheckpointPlace } from '../contracts/conversion.js';
import { AppError } from '../errors/app-error.js';
import { findArchitecture, readArchitectureFile } from './files/architecture-file.js';
import { fileWindow } from './files/byte-source.js';
import { fileKind } from './files/file-kind.js';
import { readKerasArchive } from './files/keras-archive.js';
import { Hdf5File } from './hdf5/hdf5-file.js';
import { KerasZipWeights } from './hdf5/keras-zip-weights.js';
import { LegacyWeights } from './hdf5/legacy-weights.js';
import type { Architecture } from './keras/architecture.js';
import { isObject } from './keras/config-reader.js';
import { parseArchitecture, readArchitecture } from './keras/read-architecture.js';
import type { WeightSource } from './keras/weights.js';

export interface Checkpoint {
  readonly architecture: Architecture;
  readonly weights: WeightSource;
  readonly kerasVersion: string | null;
}

/** The checkpoint is open for the time of `body`; tensors read their data from it until then. */
export async function openCheckpoint<T>(
  path: string,
  { architecture }: Pick<CheckpointPlace, 'architecture'>,
  body: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new AppError('checkpoint_missing', `${path} cannot be opened`, { cause });
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new AppError('checkpoint_missing', `${path} is not a file`);
    const source = fileWindow(handle.fd, 0, status.size);
    if (fileKind(source, path) === 'hdf5') {
      return await Hdf5File.use(source, path, async (file) => body(await readHdf5(file, architecture)));
    }
    const { config, metadata, weights } = await readKerasArchive(handle.fd, path);
    const given = architecture === undefined ? undefined : await readArchitectureFile(architecture);
    const read = given === undefined ? parseArchitecture(config) : readArchitecture(given.config);
    return await Hdf5File.use(weights, `${path}: model.weights.h5`, (file) =>
      body({
        architecture: read,
        weights: new KerasZipWeights(file, read),
        kerasVersion: given?.kerasVersion ?? versionIn(metadata) ?? null,
      }),
    );
  } finally {
    await handle.close();
  }
}

async function readHdf5(file: Hdf5File, architecture: string | undefined): Promise<Checkpoint> {
  const config = file.text('/', 'model_config');
  if (config === undefined) return readWeightsOnly(file, architecture);
  const given = architecture === undefined ? undefined : await readArchitectureFile(architecture);
  const read = given === undefined ? parseArchitecture(config) : readArchitecture(given.config);
  return {
    architecture: read,
    weights: new LegacyWeights(file, '/model_weights', read),
    kerasVersion: versionOf(file, '/') ?? versionOf(file, '/model_weights') ?? null,
  };
}

/** Two kinds of files hold weights only: Keras 1 and 2 name their layers in an attribute, Keras 3 in groups. */
async function readWeightsOnly(file: Hdf5File, architecture: string | undefined): Promise<Checkpoint> {
  const legacy = file.texts('/', 'layer_names') !== undefined;
  const groups = file.children('/');
  if (!legacy && !groups.some((name) => /^(layers|_layer_checkpoint_dependencies)(\\|$)/.test(name))) {
    throw new AppError(
      'checkpoint_unsupported',
      `${file.name} is an HDF5 file, but not of Keras; it holds ${groups.slice(0, 5).join(', ') || 'nothing'}`,
    );
  }
  const place = architecture ?? (await findArchitecture(file.name));
  if (place === undefined) {
    throw new AppError(
      'checkpoint_unsupported',
      `${file.name} holds weights only, without the architecture`,
      {
        remedy:
          'Put the JSON of model.to_json() beside it, or name it: "architecture" in the manifest, or --architecture FILE.',
      },
    );
  }
  const given = await readArchitectureFile(place);
  const read = readArchitecture(given.config);
  return {
    architecture: read,
    weights: legacy ? new LegacyWeights(file, '/', read) : new KerasZipWeights(file, read),
    kerasVersion: versionOf(file, '/') ?? given.kerasVersion ?? null,
  };
}

/** Keras 1 files may say nothing of their version; their layers are spelt as Keras 2's by now. */
export const majorOf = ({ kerasVersion }: Checkpoint): number =>
  Number.parseInt(kerasVersion ?? '2', 10) || 2;

const versionOf = (file: Hdf5File, group: string): string | undefined => file.text(group, 'keras_version');

/** metadata.json: { keras_version, date_saved }. It only informs: what cannot be read of it is left out. */
function versionIn(metadata: string | undefined): string | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata ?? '{}');
    const version = isObject(parsed) ? parsed['keras_version'] : undefined;
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
