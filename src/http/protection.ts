// What every request passes before its route, in this order.
import type { Express } from 'express';
import type { Store } from 'express-rate-limit';
import type { Config } from '../config/schema.js';
import type { Authenticator } from '../contracts/access.js';
import type { Logger } from '../contracts/logger.js';
import { authentication } from './middleware/authentication.js';
import { authorization } from './middleware/authorization.js';
import { crossOrigin } from './middleware/cross-origin.js';
import { forwardedNotice } from './middleware/forwarded-notice.js';
import { rateLimit } from './middleware/rate-limit.js';
import { LocalRateStore } from './middleware/rate-store.js';
import { securityHeaders } from './middleware/security-headers.js';

export interface ProtectionOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Null: open to all. */
  readonly authenticator?: Authenticator | null;
  /** Where limits are counted; in this process, when not given. */
  readonly rateStore?: Store;
}

export function protect(
  app: Express,
  { config, logger, authenticator = null, rateStore = new LocalRateStore() }: ProtectionOptions,
): void {
  app.set('trust proxy', config.TRUST_PROXY ?? false);
  if (config.TRUST_PROXY === undefined) app.use(forwardedNotice({ logger }));
  app.use(securityHeaders({ tls: config.TLS_CERT !== undefined }));
  if (config.CORS_ORIGINS !== undefined) app.use(crossOrigin({ origins: config.CORS_ORIGINS }));
  if (authenticator !== null) app.use(authentication({ authenticator }));
  if (config.RATE_LIMIT > 0) {
    app.use(rateLimit({ limit: config.RATE_LIMIT, windowMs: config.RATE_LIMIT_WINDOW_MS, store: rateStore }));
  }
  if (authenticator !== null) app.use(authorization({ metrics: config.METRICS_ACCESS }));
}
