// What browsers shall not do with our answers. Pages get all of helmet; answers for programs the few that concern them.
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeadersOptions {
  /** Browsers are then told to come by HTTPS only. */
  readonly tls: boolean;
}

const YEAR_SECONDS = 31_536_000;

/** Swagger UI and the playground. */
const PAGES = /^\/(docs|ui)(\/|$)/i;

export function securityHeaders({ tls }: SecurityHeadersOptions): RequestHandler {
  const page = helmet({
    strictTransportSecurity: tls && { maxAge: YEAR_SECONDS, includeSubDomains: false },
    // The two need a secure page: over HTTP they break scripts, or fill the console with warnings.
    crossOriginOpenerPolicy: tls,
    originAgentCluster: tls,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'base-uri': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'self'"],
        'object-src': ["'none'"],
        // Uploads are shown before they are sent; Swagger UI's icons are in its style sheet.
        'img-src': ["'self'", 'data:', 'blob:'],
        'style-src': ["'self'", "'unsafe-inline'"],
      },
    },
  });
  const data = Object.entries({
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...(tls ? { 'Strict-Transport-Security': `max-age=${YEAR_SECONDS}` } : {}),
  });
  return function securityHeaders(req, res, next) {
    if (PAGES.test(req.path)) {
      page(req, res, next);
      return;
    }
    for (const [name, value] of data) res.setHeader(name, value);
    next();
  };
}
