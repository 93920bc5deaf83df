// The HTTP wiring from top to bottom. Never listens, never reads the environment: tests build the same app.
import express, { type Express } from 'express';
import type { Config } from './config/schema.js';
import type { Classifier } from './contracts/classifier.js';
import type { Logger } from './contracts/logger.js';
import { pictureClassifier } from './http/classify-picture.js';
import type { Lifecycle } from './http/context.js';
import { errorHandler } from './http/error-handler.js';
import { accessLog } from './http/middleware/access-log.js';
import { requestContext } from './http/middleware/request-context.js';
import { mount } from './http/mount.js';
import { notFound } from './http/not-found.js';
import { createOperations } from './http/operations.js';
import { mountDocsAssets } from './http/routes/docs.js';
import type { ServiceName } from './http/routes/root.js';
import { createDecoder } from './imaging/decode.js';

export interface AppDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly classifier: Classifier;
  readonly lifecycle: Lifecycle;
  readonly service: ServiceName;
}

export function createApp({ config, logger, classifier, lifecycle, service }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');

  app.use(requestContext({ lifecycle }));
  app.use(accessLog({ logger }));

  const decode = createDecoder({ maxMegapixels: config.MAX_IMAGE_MEGAPIXELS });
  mount(
    app,
    createOperations({
      classifier,
      logger,
      service,
      classify: pictureClassifier({ decode }),
      maxBytes: Math.floor(config.MAX_UPLOAD_MB * 1024 * 1024),
      decode,
      maxTensorBytes: Math.floor(config.MAX_TENSOR_MB * 1024 * 1024),
      maxExamples: config.MAX_QUEUE,
      uploadTimeoutMs: config.UPLOAD_TIMEOUT_MS,
      timeoutMs: config.REQUEST_TIMEOUT_MS,
      topK: config.TOP_K,
    }),
  );
  mountDocsAssets(app);

  app.use(notFound);
  app.use(errorHandler({ logger }));
  return app;
}
