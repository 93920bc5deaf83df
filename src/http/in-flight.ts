// Predictions between the head of their request and the end of their answer: uploads, decodes and queues hold memory, and
// a queue that is bounded says nothing of those on their way to it.
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';

export class InFlight {
  #predictions = 0;

  constructor(private readonly limit: number) {}

  get predictions(): number {
    return this.#predictions;
  }

  /**
   * Counts the request until its answer has been sent or its client is gone; one that may bring several pictures as so
   * many, since that is what it may hold. Where nothing else is under way any request may enter.
   */
  enter(res: Response, pictures = 1): void {
    if (this.#predictions > 0 && this.#predictions + pictures > this.limit) {
      throw new AppError(
        'queue_full',
        `${this.#predictions} predictions are under way; the limit is ${this.limit}`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.#predictions += pictures;
    res.once('close', () => (this.#predictions -= pictures));
  }
}
