// How much may be decoded at one time: the rest waits its turn, so that many large pictures do not fill the memory.
import type { StopSignal } from '../contracts/stop-signal.js';

interface Waiting {
  readonly pixels: number;
  readonly begin: () => void;
}

export class PixelBudget {
  private used = 0;
  private readonly waiting: Waiting[] = [];

  constructor(private readonly total: number) {}

  /** Runs `work` once there is room for its pixels, in the order of arrival. One that is larger than all runs alone. */
  async run<Result>(
    pixels: number,
    signal: StopSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    await this.enter(pixels, signal);
    try {
      return await work();
    } finally {
      this.used -= pixels;
      this.admit();
    }
  }

  private async enter(pixels: number, signal: StopSignal | undefined): Promise<void> {
    if (this.waiting.length === 0 && this.hasRoom(pixels)) {
      this.used += pixels;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        this.admit();
      };
      const entry: Waiting = {
        pixels,
        begin: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(entry);
    });
  }

  private hasRoom(pixels: number): boolean {
    return this.used === 0 || this.used + pixels <= this.total;
  }

  private admit(): void {
    for (let [next] = this.waiting; next !== undefined && this.hasRoom(next.pixels); [next] = this.waiting) {
      this.waiting.shift();
      this.used += next.pixels;
      next.begin();
    }
  }
}
