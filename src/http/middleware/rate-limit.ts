// So many predictions in a window for each caller, or client address where nobody says who calls.
import type { Request, RequestHandler, Response } from 'express';
import {
  ipKeyGenerator,
  rateLimit as expressRateLimit,
  type RateLimitInfo,
  type Store,
} from 'express-rate-limit';
import { AppError } from '../../errors/app-error.js';
import { contextOf } from '../context.js';
import { isPrediction } from './access-rules.js';

export interface RateLimitOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly store: Store;
}

/** A customer's share of IPv6: one machine may use all of its addresses. */
const IPV6_PREFIX = 64;

/**
 * The headers stand in both of their forms: RateLimit and RateLimit-Policy of the IETF's draft 8, which the standard
 * will be, and RateLimit-Limit, -Remaining and -Reset of its draft 6, which most clients and gateways read today.
 */
export const rateLimit = ({ limit, windowMs, store }: RateLimitOptions): RequestHandler => {
  const limiter = expressRateLimit({
    limit,
    windowMs,
    store,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // They print stack traces for what forwarded-notice.ts says in one line.
    validate: false,
    keyGenerator: (req, res) => {
      const { caller } = contextOf(res);
      return caller === undefined ? addressKey(req) : `caller:${caller}`;
    },
    handler: (_req, res, next) => {
      const window = windowMs % 1000 === 0 ? `${windowMs / 1000} s` : `${windowMs} ms`;
      const detail = `${limit} predictions in ${window} are allowed, and they are used up`;
      const retryAfterSeconds = Math.max(1, Number(res.getHeader('Retry-After') ?? 1));
      next(new AppError('rate_limited', detail, { retryAfterSeconds }));
    },
  });
  return function rateLimit(req, res, next) {
    if (!isPrediction(req)) {
      next();
      return;
    }
    void limiter(req, res, (refusal?: unknown) => {
      plainHeaders(req, res);
      next(refusal);
    });
  };
};

function plainHeaders(req: Request, res: Response): void {
  // express-rate-limit leaves it there, and tells TypeScript nothing of it.
  const info = (req as Request & { readonly rateLimit?: RateLimitInfo }).rateLimit;
  if (info?.resetTime === undefined) return;
  const { limit, remaining, resetTime } = info;
  res.setHeader('RateLimit-Limit', limit);
  res.setHeader('RateLimit-Remaining', remaining);
  res.setHeader('RateLimit-Reset', Math.max(0, Math.ceil((resetTime.getTime() - Date.now()) / 1000)));
}

/** A socket that is gone has no address any more; a link-local one has its interface behind a %. */
const addressKey = ({ ip }: Request): string => ipKeyGenerator(ip?.split('%', 1)[0] ?? 'gone', IPV6_PREFIX);
