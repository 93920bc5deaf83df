// Lets web pages of the named origins call, and answers their preflights before anything asks for a key.
import cors from 'cors';
import type { RequestHandler } from 'express';
import { contextOf } from '../context.js';

export interface CrossOriginOptions {
  readonly origins: '*' | readonly string[];
}

/** What scripts of such a page may read of an answer. */
const EXPOSED = [
  'X-Request-Id',
  'X-Cache',
  'Server-Timing',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'WWW-Authenticate',
  'Inference-Header-Content-Length',
];

const PREFLIGHT_SECONDS = 600;

export function crossOrigin({ origins }: CrossOriginOptions): RequestHandler {
  const setHeaders = cors({
    origin: origins === '*' ? origins : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
    preflightContinue: true,
  });
  return function crossOrigin(req, res, next) {
    setHeaders(req, res, (error?: unknown) => {
      const isPreflight =
        req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
      if (error !== undefined || !isPreflight) {
        next(error);
        return;
      }
      contextOf(res).answered = performance.now();
      res.statusCode = 204;
      // Some browsers wait for a body without it.
      res.setHeader('Content-Length', 0);
      res.end();
    });
  };
}
