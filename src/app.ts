// The HTTP wiring from top to bottom. Never listens, never reads the environment: tests build the same app.
import express, { type Express } from 'express';
import type { Config } from './config/schema.js';
import type { Classifier } from './contracts/classifier.js';
import type { Logger } from './contracts/logger.js';
import type { Lifecycle } from './http/context.js';
import { endpoint } from './http/endpoint.js';
import { errorHandler } from './http/error-handler.js';
import { accessLog } from './http/middleware/access-log.js';
import { admission } from './http/middleware/admission.js';
import { requestContext } from './http/middleware/request-context.js';
import { upload } from './http/middleware/upload.js';
import { notFound } from './http/not-found.js';
import { protect, type ProtectionOptions } from './http/protection.js';
import { health, live, ready } from './http/routes/health.js';
import { logFailedPrediction, predict } from './http/routes/predict.js';
import { root, type ServiceName } from './http/routes/root.js';
import { createDecoder } from './imaging/decode.js';

export interface AppDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly classifier: Classifier;
  readonly lifecycle: Lifecycle;
  readonly service: ServiceName;
  /** Who may call, and where limits are counted; open to all when not given. */
  readonly protection?: Pick<ProtectionOptions, 'authenticator' | 'rateStore'>;
}

export function createApp({ config, logger, classifier, lifecycle, service, protection }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');

  app.use(requestContext({ lifecycle }));
  app.use(accessLog({ logger }));
  protect(app, { config, logger, ...protection });

  endpoint(app, '/', 'GET', root({ classifier, service }));
  endpoint(app, '/health', 'GET', health({ classifier }));
  endpoint(app, '/health/live', 'GET', live);
  endpoint(app, '/health/ready', 'GET', ready({ classifier }));
  endpoint(
    app,
    '/predict',
    'POST',
    admission({ classifier }),
    upload({ maxBytes: Math.floor(config.MAX_UPLOAD_MB * 1024 * 1024), timeoutMs: config.UPLOAD_TIMEOUT_MS }),
    predict({
      decode: createDecoder({ maxMegapixels: config.MAX_IMAGE_MEGAPIXELS }),
      logger,
      timeoutMs: config.REQUEST_TIMEOUT_MS,
      topK: config.TOP_K,
    }),
    logFailedPrediction({ logger }),
  );

  app.use(notFound);
  app.use(errorHandler({ logger }));
  return app;
}
