// Registers operations by path, so that every other method is answered by 405 and not by 404.
import type { IRouter, RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';
import { contextOf } from './context.js';
import type { Operation } from './operation.js';

/** Express answers HEAD wherever there is a GET. */
const METHODS = {
  GET: { register: 'get', allow: ['GET', 'HEAD'] },
  POST: { register: 'post', allow: ['POST'] },
} as const;

export function mount(
  router: IRouter,
  operations: readonly Operation[],
  /** Asked before the handlers of every route. */
  guards: readonly RequestHandler[] = [],
): void {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const route = router.route(path);
    if (guards.length > 0) route.all(...guards);
    const here = operations.filter((operation) => operation.path === path);
    for (const operation of here) {
      route[METHODS[operation.method].register](serves(operation), ...operation.handlers);
    }
    route.all(methodNotAllowed(here.flatMap(({ method }) => METHODS[method].allow).join(', ')));
  }
}

const serves = (operation: Operation): RequestHandler =>
  function serves(_req, res, next) {
    contextOf(res).operation = operation;
    next();
  };

const methodNotAllowed = (allow: string): RequestHandler =>
  function methodNotAllowed(req, res) {
    res.setHeader('Allow', allow);
    throw new AppError('method_not_allowed', `${req.method} is not possible here; allowed: ${allow}`);
  };
