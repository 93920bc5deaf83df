// What every request passes before its handlers, in this order.
import type { RequestHandler } from 'express';
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

export interface Protection {
  /** Before anything else. */
  readonly early: readonly RequestHandler[];
  /** Once the route is known, so that logs and metrics name it; and before what no route knows. */
  readonly guards: readonly RequestHandler[];
}

export function protection({
  config,
  logger,
  authenticator = null,
  rateStore = new LocalRateStore(),
}: ProtectionOptions): Protection {
  const { TRUST_PROXY, TLS_CERT, CORS_ORIGINS, RATE_LIMIT, RATE_LIMIT_WINDOW_MS, METRICS_ACCESS } = config;
  return {
    early: [
      ...(TRUST_PROXY === undefined ? [forwardedNotice({ logger })] : []),
      securityHeaders({ tls: TLS_CERT !== undefined }),
      ...(CORS_ORIGINS === undefined ? [] : [crossOrigin({ origins: CORS_ORIGINS })]),
    ],
    guards: [
      ...(authenticator === null ? [] : [authentication({ authenticator, metrics: METRICS_ACCESS })]),
      ...(RATE_LIMIT === 0
        ? []
        : [rateLimit({ limit: RATE_LIMIT, windowMs: RATE_LIMIT_WINDOW_MS, store: rateStore })]),
      ...(authenticator === null ? [] : [authorization({ metrics: METRICS_ACCESS })]),
    ],
  };
}
