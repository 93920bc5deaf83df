// The Redis that instances share. Never waited for long and never an error: while it is away or slow, callers get
// nothing from it and go on by themselves; it is told of once when it goes and once when it is back.
import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import type { Logger } from '../contracts/logger.js';

export interface SharedRedisOptions {
  readonly url: string;
  readonly logger: Logger;
  /** What one command may take. */
  readonly timeoutMs?: number;
}

/** A local Redis answers in less than one. */
const TIMEOUT_MS = 50;
const BACKSTOP = 20;
/** One command that fails may be our own thread's delay; two in a row are an outage. */
const FAILURES_TO_OUTAGE = 2;
/** In an outage, one request in so many milliseconds tries. */
const PAUSE_MS = 1_000;
/** A connection that swallows everything is given up. */
const FAILURES_TO_RECONNECT = 5;
const RECONNECT_MS = { first: 100, longest: 2_000 } as const;

/** A start without Redis saves the 45 ms that loading its client takes. */
const loadClient = () => createRequire(import.meta.url)('ioredis') as { readonly Redis: typeof Redis };

export class SharedRedis {
  /** For commands inside of `attempt`. */
  readonly connection: Redis;
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  #failures = 0;
  #outage = false;
  #closed = false;
  #pausedUntil = 0;

  constructor({ url, logger, timeoutMs = TIMEOUT_MS }: SharedRedisOptions) {
    this.#logger = logger;
    this.#timeoutMs = timeoutMs;
    const { Redis: Client } = loadClient();
    this.connection = new Client(url, {
      // A backstop, for its own commands while it connects.
      commandTimeout: BACKSTOP * timeoutMs,
      connectTimeout: 2_000,
      // What cannot be asked now is not asked later.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * RECONNECT_MS.first, RECONNECT_MS.longest),
    });
    this.connection.on('ready', () => this.#back());
    this.connection.on('error', (error: Error) => this.#away(error));
    this.connection.on('close', () => this.#away(new Error('the connection was closed')));
  }

  get state(): 'up' | 'down' {
    return this.connection.status === 'ready' && !this.#outage ? 'up' : 'down';
  }

  /** Undefined where Redis does not answer, or not in time. */
  async attempt<T>(command: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    if (this.connection.status !== 'ready' || performance.now() < this.#pausedUntil) return undefined;
    // Of those that come while one tries, none waits.
    if (this.#outage) this.#pausedUntil = performance.now() + PAUSE_MS;
    try {
      const value = await inTime(command(this.connection), this.#timeoutMs);
      this.#back();
      return value;
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  close(): void {
    this.#closed = true;
    this.connection.disconnect();
  }

  #failed(error: Error): void {
    this.#failures += 1;
    if (this.#failures < FAILURES_TO_OUTAGE) return;
    this.#pausedUntil = performance.now() + PAUSE_MS;
    this.#away(error);
    if (this.#failures % FAILURES_TO_RECONNECT === 0 && this.connection.status === 'ready')
      this.connection.disconnect(true);
  }

  #away(error: Error): void {
    if (this.#outage || this.#closed) return;
    this.#outage = true;
    this.#logger.warn(
      'Redis does not answer: limits and cached answers are this instance’s own until it does',
      {
        cause: error.message,
      },
    );
  }

  #back(): void {
    this.#failures = 0;
    this.#pausedUntil = 0;
    if (!this.#outage) return;
    this.#outage = false;
    this.#logger.info('Redis answers again');
  }
}

/** Timers come before sockets in a turn of the event loop: an answer that is there already still counts. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer in ${ms} ms`))), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
