// Gives each request its id and its clock, before anything else happens to it.
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { contextSlot, type Lifecycle } from '../context.js';

export interface RequestContextOptions {
  readonly lifecycle: Lifecycle;
}

/** A client's own id is kept where it can do no harm in a log or a header. */
const ACCEPTABLE_ID = /^[\w.-]{1,64}$/;

export const requestContext = ({ lifecycle }: RequestContextOptions): RequestHandler =>
  function requestContext(req, res, next) {
    const given = req.headers['x-request-id'];
    const id = typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : randomUUID();
    contextSlot.set(res, { id, arrival: performance.now(), lifecycle });
    res.setHeader('X-Request-Id', id);
    next();
  };
