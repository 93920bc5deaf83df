// How long an answer may take: what the client allows, else what the service does; and whether anybody still waits.
import type { Request, Response } from 'express';
import type { StopSignal } from '../contracts/stop-signal.js';
import { AppError } from '../errors/app-error.js';
import { parseHeaders } from './parse-request.js';
import { timeoutHeaderSchema } from './schemas/parameters.js';

/** In milliseconds, from the moment that the request is there as a whole: its upload has a limit of its own. */
export const allowedMs = (req: Request, defaultMs: number): number =>
  req.headers['x-request-timeout-ms'] === undefined
    ? defaultMs
    : (parseHeaders(timeoutHeaderSchema, req)['x-request-timeout-ms'] ?? defaultMs);

/** Aborted when the client leaves before its answer: what still waits for it can then be dropped. */
export function abortedWithoutReader(res: Response): StopSignal {
  const client = new ClientSignal();
  const leave = (): void => {
    if (!res.writableEnded) client.leave();
  };
  if (res.destroyed) leave();
  else res.once('close', leave);
  return client;
}

class ClientSignal implements StopSignal {
  readonly #listeners = new Set<() => void>();
  reason: AppError | undefined;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  throwIfAborted(): void {
    if (this.reason !== undefined) throw this.reason;
  }

  /** Each is called once at most, as a client leaves once. */
  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  leave(): void {
    this.reason = new AppError('client_gone', 'the client left before the answer');
    for (const listener of this.#listeners) listener();
  }
}
