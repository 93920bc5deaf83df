// The HTTP wiring from top to bottom. Never listens, never reads the environment: tests build the same app.
import express, { type Express } from 'express';
import type { Config } from './config/schema.js';
import type { Classifier } from './contracts/classifier.js';
import { keepsNothing, type ResultCache } from './contracts/result-cache.js';
import type { Logger } from './contracts/logger.js';
import type { NativeDecoders } from './contracts/native-decoders.js';
import { pictureClassifier } from './http/classify-picture.js';
import type { Lifecycle } from './http/context.js';
import { InFlight } from './http/in-flight.js';
import { errorHandler } from './http/error-handler.js';
import { accessLog } from './http/middleware/access-log.js';
import { measureRequests } from './http/middleware/measure-requests.js';
import { requestContext } from './http/middleware/request-context.js';
import { mount } from './http/mount.js';
import { notFound } from './http/not-found.js';
import { observedPictures, observedTensors } from './http/observed-predictions.js';
import type { Operation } from './http/operation.js';
import { createOperations } from './http/operations.js';
import { protection, type ProtectionOptions } from './http/protection.js';
import { mountDocsAssets } from './http/routes/docs.js';
import type { ServiceName } from './http/routes/root.js';
import { createDecoder } from './imaging/decode.js';
import type { Monitor } from './observability/monitor.js';

export interface AppDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly classifier: Classifier;
  readonly lifecycle: Lifecycle;
  readonly service: ServiceName;
  readonly monitor: Monitor;
  /** Answers to pictures seen before; none are kept when not given. */
  readonly results?: ResultCache;
  /** Of our own addon; pictures take longer without. */
  readonly decoders?: NativeDecoders | undefined;
  /** Undefined without Redis. */
  readonly redisState?: () => 'up' | 'down';
  /** Who may call, and where limits are counted; open to all when not given. */
  readonly protection?: Pick<ProtectionOptions, 'authenticator' | 'rateStore'>;
}

/** All that the app answers to, for the app itself and for its documents. */
export function appOperations(deps: AppDeps): readonly Operation[] {
  const { config, logger, classifier, service, monitor, redisState } = deps;
  const { recorder } = monitor;
  const decode = createDecoder({
    maxMegapixels: config.MAX_IMAGE_MEGAPIXELS,
    native: deps.decoders,
  });
  const classify = pictureClassifier({ decode, results: deps.results ?? keepsNothing });
  return createOperations({
    classifier: observedTensors(classifier, recorder),
    logger,
    service,
    monitor,
    inFlight: new InFlight(config.MAX_IN_FLIGHT ?? 2 * config.MAX_QUEUE),
    classify: observedPictures(classify, recorder),
    maxBytes: Math.floor(config.MAX_UPLOAD_MB * 1024 * 1024),
    decode,
    maxTensorBytes: Math.floor(config.MAX_TENSOR_MB * 1024 * 1024),
    maxExamples: config.MAX_QUEUE,
    uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
    timeoutMs: config.REQUEST_TIMEOUT_MS,
    topK: config.TOP_K,
    ...(redisState === undefined ? {} : { redisState }),
  });
}

export function createApp(deps: AppDeps, operations = appOperations(deps)): Express {
  const { config, logger, lifecycle, monitor } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');

  app.use(requestContext({ lifecycle }));
  app.use(accessLog({ logger }));
  app.use(measureRequests({ recorder: monitor.recorder, operations }));
  const { early, guards } = protection({ config, logger, ...deps.protection });
  app.set('trust proxy', config.TRUST_PROXY ?? false);
  app.use(...early);

  mount(app, operations, guards);
  mountDocsAssets(app);

  if (guards.length > 0) app.use(...guards);

  app.use(notFound);
  app.use(errorHandler({ logger }));
  return app;
}
