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
   * Counts the pictures of a request until its answer has been sent or its client is gone. Those of a batch are counted
   * as they come: who announces many and sends none would keep others out. Where nothing else is under way any may
   * enter; `before` says how many of the same request are in already.
   */
  enter(res: Response, pictures = 1, before = 0): void {
    if (this.#predictions > before && this.#predictions + pictures > this.limit) {
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
