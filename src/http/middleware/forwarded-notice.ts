// Behind a proxy that is not named, all clients seem to be one: said once, in one line.
import type { RequestHandler } from 'express';
import type { Logger } from '../../contracts/logger.js';

export interface ForwardedNoticeOptions {
  readonly logger: Logger;
}

export const forwardedNotice = ({ logger }: ForwardedNoticeOptions): RequestHandler => {
  let said = false;
  return function forwardedNotice(req, _res, next) {
    if (!said && req.headers['x-forwarded-for'] !== undefined) {
      said = true;
      logger.warn(
        'Requests come with X-Forwarded-For, which is not believed: limits count the proxy as one client. ' +
          'Set TRUST_PROXY to the number of proxies in front (docs/operations.md)',
      );
    }
    next();
  };
};
