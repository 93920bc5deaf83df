// The last handler: nothing before it knew the path.
import type { RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';

export const notFound: RequestHandler = function notFound(req) {
  throw new AppError('not_found', `there is nothing at ${JSON.stringify(req.path.slice(0, 100))}`);
};
