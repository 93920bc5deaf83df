// How many bytes of tensor bodies are held at one time, over all requests. A few hundred requests of the largest size
// would be more than the memory of most machines; a picture's upload is a sixth of that, and its queue is short.
import type { Request, Response } from 'express';
import { AppError } from '../../errors/app-error.js';

export class BodyMemory {
  #held = 0;

  constructor(private readonly limit: number) {}

  get held(): number {
    return this.#held;
  }

  /**
   * Counts what arrives, and not what is announced: who announces much and sends little keeps nobody out. Rejects where
   * it becomes too much; the bytes count until the answer has been sent.
   */
  watch(req: Request, res: Response): Promise<never> {
    let mine = 0;
    return new Promise((_, reject) => {
      const count = (chunk: Buffer): void => {
        mine += chunk.length;
        this.#held += chunk.length;
        if (this.#held <= this.limit) return;
        req.off('data', count);
        const detail = `the bodies that are being read hold ${this.limit} bytes already`;
        reject(new AppError('queue_full', detail, { retryAfterSeconds: 1 }));
      };
      req.on('data', count);
      res.once('close', () => {
        req.off('data', count);
        this.#held -= mine;
      });
    });
  }
}
