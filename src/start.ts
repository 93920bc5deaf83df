// The composition root: config -> logger -> models -> pools -> app. The only file that sees every room.
import type { Express } from 'express';
import { createAuthenticator } from './access/authenticator.js';
import { appOperations, createApp, type AppDeps } from './app.js';
import type { Config } from './config/schema.js';
import { silentLogger, type Logger } from './contracts/logger.js';
import type { Recorder } from './contracts/recorder.js';
import type { Operation } from './http/operation.js';
import { loadLibvips } from './imaging/libvips.js';
import { expressMessages, type ExpressMessages } from './http/express-messages.js';
import { LocalRateStore } from './http/middleware/rate-store.js';
import { createResultCache } from './inference/result-cache.js';
import { ModelRegistry } from './inference/model-registry.js';
import { Lifecycle } from './lifecycle.js';
import { loadModels } from './load-models.js';
import { SharedRateStore } from './redis/shared-rate-store.js';
import { SharedRedis } from './redis/shared-redis.js';
import { SharedResults } from './redis/shared-results.js';
import { nativeDecoders } from './native/native-decoders.js';
import type { OwnAddon } from './native/own-addon.js';
import { createLogger } from './observability/logger.js';
import { Monitor } from './observability/monitor.js';
import { watchProcess } from './observability/process-metrics.js';
import { SERVICE } from './service.js';
import { warmPath } from './warm-path.js';

export interface Service {
  readonly app: Express;
  /** What its requests and answers are made of. */
  readonly messages: ExpressMessages;
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
  /** Another descriptor of the same socket; -1 while there can be none. */
  readonly duplicate: (descriptor: number) => number;
  /** Answers what was accepted, then ends threads and log files. */
  close(): Promise<void>;
}

export function createService(config: Config): Service {
  const logger = createLogger({ level: config.LOG_LEVEL, dir: config.LOG_DIR });
  const models = new ModelRegistry(config.MODEL_PATH === undefined ? config.DEFAULT_MODEL : undefined);
  const lifecycle = new Lifecycle();
  const authenticator = createAuthenticator(config, logger);
  if (authenticator === null) logger.info('Open to all who can reach it: no API keys or tokens are set');
  const { REDIS_URL: url } = config;
  const redis = url === undefined ? undefined : new SharedRedis({ url, logger });
  const localRates = new LocalRateStore();
  const monitor = new Monitor({ logger, classifier: models });
  const deps: AppDeps = {
    config,
    logger,
    classifier: models,
    lifecycle,
    service: SERVICE,
    monitor,
    decoders: nativeDecoders(),
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
  const app = createApp(deps, operations);
  const messages = expressMessages(app);
  let own: OwnAddon | undefined;
  return {
    app,
    messages,
    operations,
    config,
    logger,
    lifecycle,
    models,
    duplicate: (descriptor) => own?.duplicate(descriptor) ?? -1,
    async loadModels({ warmPathMs = 0 } = {}) {
      let engineLoaded: (own?: OwnAddon) => void = () => undefined;
      const engine = new Promise<OwnAddon | undefined>((resolve) => (engineLoaded = resolve));
      // Nobody asked for the batches of a warm-up.
      let isWarm = false;
      const onBatch: Recorder['batch'] = (model, size) => {
        if (isWarm) monitor.recorder.batch(model, size);
      };
      await Promise.all([
        loadModels({ config, logger, models, onBatch, engineLoaded }).finally(() => engineLoaded()),
        // While other threads convert or warm up, this one has the time. Sooner, it would wait for TensorFlow to be linked.
        engine.then((loaded) => {
          own = loaded;
          return Promise.all([loadLibvips(), watchProcess(own?.watchPauses)]);
        }),
      ]);
      const [model] = models.models();
      if (model !== undefined && warmPathMs > 0) {
        const service = { app, messages };
        await warmPath({ app: quietApp(deps, models), service, model, budgetMs: warmPathMs });
      }
      isWarm = true;
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

/** The same app for a warm-up: nobody asked for its predictions, so they leave no trace in logs, metrics or limits. */
const quietApp = ({ config, lifecycle, decoders }: AppDeps, models: ModelRegistry): Express =>
  createApp({
    config: { ...config, RATE_LIMIT: 0 },
    logger: silentLogger,
    classifier: models,
    lifecycle,
    service: SERVICE,
    monitor: new Monitor({ logger: silentLogger, classifier: models }),
    decoders,
  });
