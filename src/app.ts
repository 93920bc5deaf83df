// The HTTP wiring from top to bottom. Never listens, never reads the environment: tests build the same app.
import express, { type Express } from 'express';
import type { Config } from './config/schema.js';
import type { Classifier } from './contracts/classifier.js';
import type { Logger } from './contracts/logger.js';
import { pictureClassifier } from './http/classify-picture.js';
import type { Lifecycle } from './http/context.js';
import { errorHandler } from './http/error-handler.js';
import { accessLog } from './http/middleware/access-log.js';
import { measureRequests } from './http/middleware/measure-requests.js';
import { requestContext } from './http/middleware/request-context.js';
import { mount } from './http/mount.js';
import { notFound } from './http/not-found.js';
import { observedPictures, observedTensors } from './http/observed-predictions.js';
import { createOperations } from './http/operations.js';
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
}

export function createApp({ config, logger, classifier, lifecycle, service, monitor }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');

  const { recorder } = monitor;
  const decode = createDecoder({ maxMegapixels: config.MAX_IMAGE_MEGAPIXELS });
  const operations = createOperations({
    classifier: observedTensors(classifier, recorder),
    logger,
    service,
    monitor,
    classify: observedPictures(pictureClassifier({ decode }), recorder),
    maxBytes: Math.floor(config.MAX_UPLOAD_MB * 1024 * 1024),
    uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
    timeoutMs: config.REQUEST_TIMEOUT_MS,
    topK: config.TOP_K,
  });

  app.use(requestContext({ lifecycle }));
  app.use(accessLog({ logger }));
  app.use(measureRequests({ recorder, operations }));

  mount(app, operations);
  mountDocsAssets(app);

  app.use(notFound);
  app.use(errorHandler({ logger }));
  return app;
}
