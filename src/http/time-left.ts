// How long an answer may take: what the client allows, else what the service does.
import type { Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { parseHeaders } from './parse-request.js';
import { timeoutHeaderSchema } from './schemas/parameters.js';

/** In milliseconds, from the moment that the request is there as a whole: its upload has a limit of its own. */
export const allowedMs = (req: Request, defaultMs: number): number =>
  parseHeaders(timeoutHeaderSchema, req)['x-request-timeout-ms'] ?? defaultMs;

/** Aborted when the client leaves before its answer: what still waits for it can then be dropped. */
export function abortedWithoutReader(res: Response): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (res.writableEnded) return;
    controller.abort(new AppError('client_gone', 'the client left before the answer'));
  };
  if (res.destroyed) abort();
  else res.once('close', abort);
  return controller.signal;
}
