// The composition root: config -> logger -> models -> pools -> app. The only file that sees every room.
import os from 'node:os';
import path from 'node:path';
import { access, constants, mkdir } from 'node:fs/promises';
import type { Express } from 'express';
import { createAuthenticator } from './access/authenticator.js';
import { appOperations, createApp, type AppDeps } from './app.js';
import { convertedModelsFolder } from './config/converted-models.js';
import { machine } from './config/machine.js';
import type { Config } from './config/schema.js';
import { applyThreadSettings } from './config/thread-settings.js';
import type { Logger } from './contracts/logger.js';
import type { Precision } from './contracts/model.js';
import { ensureConverted } from './convert/cache.js';
import { AppError, toAppError } from './errors/app-error.js';
import type { Operation } from './http/operation.js';
import { LocalRateStore } from './http/middleware/rate-store.js';
import { Lifecycle } from './lifecycle.js';
import { createResultCache } from './inference/result-cache.js';
import { loadModel, type LoadOptions } from './inference/load-model.js';
import { ModelRegistry } from './inference/model-registry.js';
import { listModels, type ModelSource } from './models/repository.js';
import { singleModel } from './models/single-model.js';
import { loadAddon } from './native/addon.js';
import { SharedRateStore } from './redis/shared-rate-store.js';
import { SharedRedis } from './redis/shared-redis.js';
import { SharedResults } from './redis/shared-results.js';
import { createLogger } from './observability/logger.js';
import { SERVICE } from './service.js';
import { warmPath } from './warm-path.js';

export interface Service {
  readonly app: Express;
  readonly operations: readonly Operation[];
  readonly config: Config;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly models: ModelRegistry;
  /**
   * Loads every model, one after another; a model that fails is told of and the others are served. Then, for so many
   * milliseconds, warms up the way of a prediction through HTTP.
   */
  loadModels(options?: { readonly warmPathMs?: number }): Promise<void>;
  /** Answers what was accepted, then ends threads and log files. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export function createService(config: Config): Service {
  const logger = createLogger({ level: config.LOG_LEVEL, dir: config.LOG_DIR });
  const models = new ModelRegistry(config.MODEL_PATH === undefined ? config.DEFAULT_MODEL : undefined);
  const lifecycle = new Lifecycle();
  const authenticator = createAuthenticator(config, logger);
  if (authenticator === null) logger.info('Open to all who can reach it: no API keys or tokens are set');
  const { REDIS_URL: url } = config;
  const redis = url === undefined ? undefined : new SharedRedis({ url, logger });
  const localRates = new LocalRateStore();
  const deps: AppDeps = {
    config,
    logger,
    classifier: models,
    lifecycle,
    service: SERVICE,
    results: createResultCache({
      maxBytes: config.CACHE_MB * 1024 * 1024,
      ...(redis === undefined ? {} : { shelf: new SharedResults(redis, SERVICE.version) }),
    }),
    ...(redis === undefined ? {} : { redisState: () => redis.state }),
    protection: {
      authenticator,
      rateStore: redis === undefined ? localRates : new SharedRateStore(redis, localRates),
    },
  };
  const operations = appOperations(deps);
  return {
    app: createApp(deps, operations),
    operations,
    config,
    logger,
    lifecycle,
    models,
    async loadModels({ warmPathMs = 0 } = {}) {
      await loadModels(config, logger, models);
      const [model] = models.models();
      if (model !== undefined && warmPathMs > 0) {
        const unlimited = { ...config, RATE_LIMIT: 0 };
        const deps = { config: unlimited, logger: SILENT, classifier: models, lifecycle, service: SERVICE };
        const quiet = createApp(deps);
        await warmPath({ app: quiet, model, budgetMs: warmPathMs });
      }
      models.loaded();
    },
    async close() {
      await models.close();
      authenticator?.close();
      redis?.close();
      await logger.close();
    },
  };
}

async function loadModels(config: Config, logger: Logger, models: ModelRegistry): Promise<void> {
  const threadsPerWorker = config.NUM_THREADS ?? 1;
  const workers = config.WORKERS ?? Math.max(1, Math.floor(machine().cores / threadsPerWorker));
  applyThreadSettings({ workers, threadsPerWorker });
  // The main thread loads the addon before any worker does: with workers first, 6 of 200 starts died.
  loadAddon();
  const options: Omit<LoadOptions, 'cacheDir'> = {
    workers,
    maxQueue: config.MAX_QUEUE,
    maxParameters: (config.MAX_MODEL_MB * 1_000_000) / 4,
    precision: choosePrecision(config),
    convert: ensureConverted,
  };
  const found = await sources(config, logger);
  const cacheRoot = await usableCache(config, logger);
  for (const source of found) {
    await loadOne(
      source,
      { ...options, cacheDir: path.join(cacheRoot, source.name, source.version) },
      logger,
      models,
    );
  }
}

async function sources(config: Config, logger: Logger): Promise<readonly ModelSource[]> {
  const { MODEL_PATH } = config;
  if (MODEL_PATH !== undefined) {
    const { LABELS_PATH, MANIFEST_PATH, ARCHITECTURE_PATH } = config;
    const one = await singleModel({ MODEL_PATH, LABELS_PATH, MANIFEST_PATH, ARCHITECTURE_PATH });
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

/** bfloat16 pays only where the processor multiplies in it. */
function choosePrecision({ PRECISION }: Config): Precision {
  if (PRECISION !== 'auto') return PRECISION;
  const { features } = machine();
  return features.avx512_bf16 || features.amx_bf16 ? 'bfloat16' : 'float32';
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
