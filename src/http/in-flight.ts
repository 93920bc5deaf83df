// Predictions between the head of their request and the end of their answer: uploads, decodes and queues hold memory, and
// a queue that is bounded says nothing of those on their way to it.
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';

export class InFlight {
  #requests = 0;

  constructor(private readonly limit: number) {}

  get requests(): number {
    return this.#requests;
  }

  /** Counts the request until its answer has been sent or its client is gone. */
  enter(res: Response): void {
    if (this.#requests >= this.limit) {
      throw new AppError(
        'queue_full',
        `${this.#requests} predictions are under way; the limit is ${this.limit}`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.#requests += 1;
    res.once('close', () => (this.#requests -= 1));
  }
}
