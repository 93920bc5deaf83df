// The one place where an error becomes an answer: RFC 9457 problem details by the catalogue.
import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from '../contracts/logger.js';
import { AppError, toAppError } from '../errors/app-error.js';
import { answer, PROBLEM_TYPE } from './answer.js';
import { contextOf } from './context.js';
import type { Problem } from './schemas/problem.js';

export interface ErrorHandlerOptions {
  readonly logger: Logger;
}

export const errorHandler = ({ logger }: ErrorHandlerOptions): ErrorRequestHandler =>
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  function errorHandler(thrown: unknown, req, res, _next) {
    const error = fromRequestFault(thrown) ?? toAppError(thrown);
    const context = contextOf(res);
    context.refusal = error.code;
    if (error.entry.status === 500 || (error.cause instanceof Error && error.entry.status > 500)) {
      logger.error(error.message, { code: error.code, request_id: context.id, cause: error.cause ?? error });
    }
    if (res.headersSent || res.destroyed || error.code === 'client_gone') {
      // Half an answer cannot be taken back; a broken connection at least tells that it is broken.
      res.destroy();
      return;
    }
    if (error.retryAfterSeconds !== undefined) {
      res.setHeader('Retry-After', Math.ceil(error.retryAfterSeconds));
    }
    answer(req, res, {
      status: error.entry.status,
      type: PROBLEM_TYPE,
      body: problem(error, res),
      close: error.code === 'upload_timeout',
    });
  };

/** Also for one picture among several. */
export function problem(error: AppError, res: Response): Problem {
  const { status, title, retryable } = error.entry;
  return {
    type: `urn:h5serve:error:${error.code}`,
    title,
    status,
    // What broke inside the server is the log's business.
    detail: status === 500 ? 'the server failed on this request; its log tells why' : error.detail,
    code: error.code,
    request_id: contextOf(res).id,
    remedy: error.remedy,
    retryable,
  };
}

/** Express marks what the request itself got wrong (a path that is no valid %-encoding) with a 4xx status. */
function fromRequestFault(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error) || thrown instanceof AppError || !('status' in thrown)) return null;
  const isFault = typeof thrown.status === 'number' && thrown.status >= 400 && thrown.status < 500;
  return isFault ? new AppError('invalid_parameter', thrown.message, { cause: thrown }) : null;
}
