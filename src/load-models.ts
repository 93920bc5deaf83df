// From the settings to the models that are served: where they lie, how they are converted, what became of each.
import os from 'node:os';
import path from 'node:path';
import { access, constants, mkdir } from 'node:fs/promises';
import { convertedModelsFolder } from './config/converted-models.js';
import { machine } from './config/machine.js';
import type { Config } from './config/schema.js';
import { bestPrecision } from './config/onednn.js';
import type { Logger } from './contracts/logger.js';
import type { Recorder } from './contracts/recorder.js';
import { ensureConverted } from './convert/cache.js';
import { endConverterAhead } from './convert/conversion-thread.js';
import { AppError, toAppError } from './errors/app-error.js';
import { nearest } from './errors/nearest.js';
import { loadModel, type LoadOptions } from './inference/load-model.js';
import type { ModelRegistry } from './inference/model-registry.js';
import { listModels, type ModelSource } from './models/repository.js';
import { singleModel } from './models/single-model.js';
import { loadAddon } from './native/addon.js';
import { hasOwnAddon, loadOwnAddon, sharedWeights, type OwnAddon } from './native/own-addon.js';
import { settleTensorFlow } from './native/settle-tensorflow.js';

export interface LoadModelsOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly models: ModelRegistry;
  readonly onBatch: Recorder['batch'];
  /** Called when this thread has the engine, with our own addon where there is one; others convert or warm up. */
  readonly engineLoaded: (own?: OwnAddon) => void;
}

const WITHOUT_ONEDNN =
  'The sizes of the CPU’s caches are hidden: TensorFlow runs without oneDNN, and slower (docs/operations.md)';
const UNSOUND_ONEDNN =
  'The sizes of the CPU’s caches are hidden, and TF_ENABLE_ONEDNN_OPTS asks for oneDNN all the same: ' +
  'the process may end, and bfloat16 may name wrong classes (docs/operations.md)';

/** One after another; one that fails is told of, and the others are served. */
export async function loadModels({
  config,
  logger,
  models,
  onBatch,
  engineLoaded,
}: LoadModelsOptions): Promise<void> {
  const { threadsPerWorker, caches, oneDnn } = settleTensorFlow(config.NUM_THREADS);
  const here = machine();
  const workers = config.WORKERS ?? Math.max(1, Math.floor(here.cores / threadsPerWorker));
  if (caches.hidden && !caches.correctable) {
    logger.warn(oneDnn === 'unsound' ? UNSOUND_ONEDNN : WITHOUT_ONEDNN);
  }
  let own: OwnAddon | undefined;
  const loadEngine = (): void => {
    loadAddon();
    own = hasOwnAddon() ? loadOwnAddon() : undefined;
    engineLoaded(own);
  };
  const options: Omit<LoadOptions, 'cacheDir'> = {
    workers,
    maxQueue: config.MAX_QUEUE,
    spareCore: here.cores > 1,
    maxParameters: (config.MAX_MODEL_MB * 1_000_000) / 4,
    precision: config.PRECISION === 'auto' ? bestPrecision(oneDnn, here) : config.PRECISION,
    convert: (request) => ensureConverted({ ...request, weights: sharedWeights() }),
    loadEngine,
    yieldProcessor: () => own?.yieldProcessor(),
    onBatch,
  };
  try {
    const found = await sources(config, logger);
    checkDefault(config, found);
    const cacheRoot = await usableCache(config, logger);
    for (const source of found) {
      const cacheDir = path.join(cacheRoot, source.name, source.version);
      await loadOne(source, { ...options, cacheDir }, logger, models);
    }
  } finally {
    await endConverterAhead();
  }
  // What converting and loading took for a moment: 25 MB after a ResNet-50.
  if (models.models().length > 0 && hasOwnAddon()) loadOwnAddon().releaseMemory();
}

async function sources(config: Config, logger: Logger): Promise<readonly ModelSource[]> {
  const { MODEL_PATH } = config;
  if (MODEL_PATH !== undefined) {
    const { LABELS_PATH, MANIFEST_PATH, ARCHITECTURE_PATH } = config;
    const paths = { MODEL_PATH, LABELS_PATH, MANIFEST_PATH, ARCHITECTURE_PATH };
    const one = await singleModel(paths, (notice) => logger.warn(notice));
    logger.info('Serving one model', { model: one.name, ...one.files });
    return [one];
  }
  try {
    return await listModels(config.MODELS_DIR);
  } catch (cause) {
    throw new AppError('config_invalid', `MODELS_DIR: ${path.resolve(config.MODELS_DIR)} cannot be read`, {
      cause,
    });
  }
}

/** One that cannot be loaded is told of with its reason; one that is not there is a mistake of the setting. */
function checkDefault(
  { DEFAULT_MODEL, MODEL_PATH, MODELS_DIR }: Config,
  found: readonly ModelSource[],
): void {
  const names = [...new Set(found.map(({ name }) => name))];
  if (DEFAULT_MODEL === undefined || MODEL_PATH !== undefined || names.length === 0) return;
  if (names.includes(DEFAULT_MODEL)) return;
  const guess = nearest(DEFAULT_MODEL, names);
  const hint = guess === undefined ? `there are ${names.join(', ')}` : `did you mean ${guess}?`;
  const where = path.resolve(MODELS_DIR);
  throw new AppError('config_invalid', `DEFAULT_MODEL: ${where} has no model "${DEFAULT_MODEL}"; ${hint}`);
}

async function loadOne(
  source: ModelSource,
  options: LoadOptions,
  logger: Logger,
  models: ModelRegistry,
): Promise<void> {
  const { name, version } = source;
  const started = performance.now();
  try {
    const { model, fromCache } = await loadModel(source, options);
    models.add(model);
    for (const notice of model.info.notices) logger.warn(notice, { model: name, version });
    logger.info('Model loaded successfully', {
      model: name,
      version,
      workers: options.workers,
      precision: model.info.precision,
      from_cache: fromCache,
      ms: Math.round(performance.now() - started),
    });
  } catch (error) {
    const { code, detail, remedy, cause } = toAppError(error, 'engine_failed');
    // No other model could be served either.
    if (code === 'native_missing') throw error;
    models.addFailure({ name, version, code, detail, remedy });
    logger.error(`Model not loaded: ${detail}`, {
      model: name,
      version,
      code,
      remedy,
      ...(cause instanceof Error ? { cause: cause.message } : {}),
    });
  }
}

/** Beside the models; where that is read-only, in the folder for temporary files, which is lost with the container. */
async function usableCache(config: Config, logger: Logger): Promise<string> {
  const wanted = convertedModelsFolder(config);
  try {
    await mkdir(wanted, { recursive: true });
    await access(wanted, constants.W_OK);
    return wanted;
  } catch {
    const fallback = path.join(os.tmpdir(), 'h5serve-models');
    logger.warn('The cache folder cannot be written to; converted models are not kept', {
      folder: wanted,
      using: fallback,
    });
    return fallback;
  }
}
