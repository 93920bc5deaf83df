// Registers a path with its method, so that every other method is answered by 405 and not by 404.
import type { ErrorRequestHandler, IRouter, RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';

/** Express answers HEAD wherever there is a GET. */
const METHODS = {
  GET: { register: 'get', allow: 'GET, HEAD' },
  POST: { register: 'post', allow: 'POST' },
} as const;

export function endpoint(
  router: IRouter,
  path: string,
  method: keyof typeof METHODS,
  ...handlers: (RequestHandler | ErrorRequestHandler)[]
): void {
  const { register, allow } = METHODS[method];
  const route = router.route(path);
  route[register](...handlers);
  route.all(methodNotAllowed(allow));
}

const methodNotAllowed = (allow: string): RequestHandler =>
  function methodNotAllowed(req, res) {
    res.setHeader('Allow', allow);
    throw new AppError('method_not_allowed', `${req.method} is not possible here; allowed: ${allow}`);
  };
