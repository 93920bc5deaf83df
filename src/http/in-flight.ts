// Predictions between the head of their request and the end of their answer: uploads, decodes and queues hold memory, and
// a queue that is bounded says nothing of those on their way to it.
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';

/** How many pictures of a request are counted; a symbol on its response, as those of request-slot.ts. */
const counted = Symbol('in flight');
type Counted = Response & { [counted]?: number | undefined };

export class InFlight {
  #predictions = 0;

  constructor(private readonly limit: number) {}

  get predictions(): number {
    return this.#predictions;
  }

  /** Counts the pictures of a request until its answer has been sent or its client is gone. */
  enter(res: Counted, pictures = 1): void {
    res[counted] = 0;
    res.once('close', () => {
      this.#predictions -= res[counted] ?? 0;
      res[counted] = undefined;
    });
    this.grow(res, pictures);
  }

  /**
   * Those of a batch are counted as they come, so many in all: who announces many and sends none would keep others out.
   * Where nothing else is under way any may come.
   */
  grow(res: Counted, pictures: number): void {
    const own = res[counted];
    if (own === undefined || pictures <= own) return;
    const others = this.#predictions - own;
    if (others > 0 && others + pictures > this.limit) {
      throw new AppError(
        'queue_full',
        `${this.#predictions} predictions are under way; the limit is ${this.limit}`,
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.#predictions = others + pictures;
    res[counted] = pictures;
  }
}
