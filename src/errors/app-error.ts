// The one error class: a code of the catalogue and what was found this time.
import { CATALOGUE, type CatalogueEntry, type ErrorCode } from './catalogue.js';

export interface AppErrorOptions {
  /** The underlying error; it goes to the log, never to a client. */
  readonly cause?: unknown;
  /** Replaces the catalogue's remedy where a better one is known on the spot. */
  readonly remedy?: string;
  readonly retryAfterSeconds?: number;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly remedy: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    /** What was expected and what was found, in one sentence. */
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    const { stackTraceLimit } = Error;
    const { title, status, retryable, remedy } = CATALOGUE[code];
    // Refusals of a busy service come in floods, and nobody asks where they were thrown.
    if (retryable && status !== 500) Error.stackTraceLimit = 0;
    super(`${title}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.remedy = options.remedy ?? remedy;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get entry(): CatalogueEntry {
    return CATALOGUE[this.code];
  }
}

/** Makes an unknown error known, once, at an edge. */
export const toAppError = (error: unknown, fallback: ErrorCode = 'internal'): AppError =>
  error instanceof AppError
    ? error
    : new AppError(fallback, error instanceof Error ? error.message : String(error), { cause: error });

/** The three lines a person at a terminal needs. */
export const describeError = (error: AppError): string =>
  `${error.entry.title} (${error.code})\n  ${error.detail.replaceAll('\n', '\n  ')}\n  → ${error.remedy}`;
