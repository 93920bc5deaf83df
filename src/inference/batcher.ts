// Gathers images into batches for one model: at once when idle, else until a batch is full or has waited long enough.
// Bounded, with a deadline for each image; what happens to one caller never touches another.
import type { Classification, ClassifyOptions } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';

export interface BatcherOptions {
  /** Runs one batch of packed pixels; at most `slots` at a time. */
  readonly run: (
    pixels: Uint8Array<ArrayBuffer>,
    count: number,
  ) => Promise<{ readonly outputs: Float32Array; readonly runMs: number }>;
  readonly slots: number;
  readonly imageBytes: number;
  readonly classes: number;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
  readonly now?: () => number;
}

interface Item {
  readonly pixels: Uint8Array;
  readonly arrived: number;
  state: 'queued' | 'running' | 'settled';
  settle(outcome: Classification | AppError): void;
}

export class Batcher {
  /** In order of arrival; a Set, so that an image that gives up leaves from anywhere at no cost. */
  readonly #queue = new Set<Item>();
  readonly #now: () => number;
  #running = 0;
  #delay: NodeJS.Timeout | undefined;
  #closing: (() => void) | undefined;
  /** Milliseconds of a slot that one image has cost lately. */
  #costMs = 0;

  constructor(private readonly options: BatcherOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  get queued(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#running;
  }

  /** Throws what `submit` would reject with, were `images` submitted now. */
  admit(images: number): void {
    if (this.#closing !== undefined) throw new AppError('draining', 'no new images are taken');
    if (this.#queue.size + images > this.options.maxQueue) {
      throw new AppError(
        'queue_full',
        `${this.#queue.size} images wait; the limit is ${this.options.maxQueue}`,
        {
          retryAfterSeconds: this.#secondsToDrain(),
        },
      );
    }
  }

  submit(pixels: Uint8Array, { deadline, signal }: ClassifyOptions): Promise<Classification> {
    return new Promise((resolve, reject) => {
      this.admit(1);
      const { imageBytes } = this.options;
      if (pixels.length !== imageBytes)
        throw new AppError('internal', `an image has ${imageBytes} bytes, not ${pixels.length}`);
      if (signal?.aborted === true) throw new AppError('client_gone', 'before the image was queued');

      const allowed = Math.max(0, Math.round(deadline - this.#now()));
      const giveUp = (error: (state: Item['state']) => AppError | undefined) => () => {
        const outcome = error(item.state);
        if (outcome !== undefined) item.settle(outcome);
      };
      const onDeadline = giveUp((state) =>
        state === 'queued'
          ? new AppError('deadline_in_queue', `no worker was free within ${allowed} ms`)
          : new AppError('deadline_running', `the model took longer than the ${allowed} ms left`),
      );
      // A run cannot be stopped; its late result is thrown away.
      const onAbort = giveUp((state) =>
        state === 'queued' ? new AppError('client_gone', 'while the image waited') : undefined,
      );
      const timer = setTimeout(onDeadline, Math.max(0, deadline - this.#now()));
      signal?.addEventListener('abort', onAbort, { once: true });

      const item: Item = {
        pixels,
        arrived: this.#now(),
        state: 'queued',
        settle: (outcome) => {
          if (item.state === 'settled') return;
          item.state = 'settled';
          this.#queue.delete(item);
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (outcome instanceof AppError) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#queue.add(item);
      this.#pump();
    });
  }

  /** Takes nothing new; resolves when everything accepted has been answered. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = resolve;
      this.#pump();
    });
  }

  #pump(): void {
    clearTimeout(this.#delay);
    this.#delay = undefined;
    while (this.#running < this.options.slots && this.#queue.size > 0) {
      const wait = this.#worthWaiting();
      if (wait > 0) {
        this.#delay = setTimeout(() => this.#pump(), wait);
        return;
      }
      void this.#runBatch(this.#takeBatch());
    }
    if (this.#running === 0 && this.#queue.size === 0) this.#closing?.();
  }

  /** Milliseconds that the oldest image should still wait for companions. */
  #worthWaiting(): number {
    const { maxBatch, maxDelayMs } = this.options;
    const [oldest] = this.#queue;
    if (
      oldest === undefined ||
      this.#running === 0 ||
      this.#queue.size >= maxBatch ||
      this.#closing !== undefined
    )
      return 0;
    return Math.max(0, oldest.arrived + maxDelayMs - this.#now());
  }

  #takeBatch(): readonly Item[] {
    const batch: Item[] = [];
    for (const item of this.#queue) {
      if (batch.length === this.options.maxBatch) break;
      item.state = 'running';
      this.#queue.delete(item);
      batch.push(item);
    }
    return batch;
  }

  async #runBatch(batch: readonly Item[]): Promise<void> {
    const { run, classes } = this.options;
    const started = this.#now();
    this.#running += 1;
    try {
      const { outputs, runMs } = await run(this.#pack(batch), batch.length);
      if (outputs.length !== batch.length * classes) {
        throw new AppError(
          'inference_failed',
          `${batch.length} images gave ${outputs.length} numbers, not ${batch.length * classes}`,
        );
      }
      this.#costMs = 0.8 * this.#costMs + 0.2 * ((this.#now() - started) / batch.length);
      batch.forEach((item, at) =>
        item.settle({
          probabilities: outputs.slice(at * classes, (at + 1) * classes),
          queueMs: started - item.arrived,
          inferenceMs: runMs,
          batchSize: batch.length,
        }),
      );
    } catch (error) {
      const failure =
        error instanceof AppError
          ? error
          : new AppError('inference_failed', 'the batch failed', { cause: error });
      for (const item of batch) item.settle(failure);
    } finally {
      this.#running -= 1;
      this.#pump();
    }
  }

  /** One exact buffer, to be transferred; a single image that owns its buffer goes as it is. */
  #pack(batch: readonly Item[]): Uint8Array<ArrayBuffer> {
    const { imageBytes } = this.options;
    const [first] = batch;
    if (batch.length === 1 && first !== undefined && ownsBuffer(first.pixels)) return first.pixels;
    const packed = new Uint8Array(batch.length * imageBytes);
    batch.forEach((item, at) => packed.set(item.pixels, at * imageBytes));
    return packed;
  }

  #secondsToDrain(): number {
    return Math.max(1, Math.ceil((this.#queue.size * this.#costMs) / this.options.slots / 1000));
  }
}

const ownsBuffer = (pixels: Uint8Array): pixels is Uint8Array<ArrayBuffer> =>
  pixels.buffer instanceof ArrayBuffer && pixels.byteLength === pixels.buffer.byteLength;
