// One line per request, when it is over.
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../../contracts/logger.js';
import { contextOf } from '../context.js';
import { milliseconds } from '../rounding.js';

export interface AccessLogOptions {
  readonly logger: Logger;
}

/** nginx's status for requests whose client left before the answer. */
const CLIENT_GONE = 499;

export const accessLog = ({ logger }: AccessLogOptions): RequestHandler =>
  function accessLog(req, res, next) {
    res.once('close', () => {
      const route = contextOf(res).route ?? routePattern(req);
      // Probes come every few seconds from every balancer.
      const level = route.startsWith('/health') ? 'debug' : 'info';
      logger[level](`${req.method} ${route} ${statusOf(res)}`, measure(res));
    });
    next();
  };

/** Files of Swagger UI are sent by Express itself. */
const isAnswered = (res: Response): boolean => contextOf(res).answered !== undefined || res.writableFinished;

const statusOf = (res: Response): number => (isAnswered(res) ? res.statusCode : CLIENT_GONE);

function measure(res: Response) {
  const { id, arrival, answered, refusal, caller } = contextOf(res);
  return {
    // The handler that is left behind may learn of it only after this line.
    code: isAnswered(res) ? refusal : 'client_gone',
    caller,
    ms: milliseconds((answered ?? performance.now()) - arrival),
    bytes: isAnswered(res) ? Number(res.getHeader('Content-Length') ?? 0) : 0,
    request_id: id,
  };
}

/** The pattern, never the URL: URLs are raw input and without number. */
function routePattern(req: Request): string {
  const route: unknown = req.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'no route';
  // Express escapes the colon of `:predict`.
  return typeof route.path === 'string' ? route.path.replaceAll('\\:', ':') : 'no route';
}
