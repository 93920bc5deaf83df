// One request to the batcher: one image or several, answered together, once.
import type { Classification, ClassifyOptions, Priority } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';
import type { Example } from './tray.js';

type Outcome = readonly Classification[] | AppError;

export class Ticket {
  readonly priority: Priority;
  readonly deadline: number;
  readonly floats: boolean;
  /** Images that batches have taken so far. */
  taken = 0;
  #answered = 0;
  #settled = false;
  readonly #answers: Classification[];
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly examples: readonly Example[],
    private readonly options: ClassifyOptions,
    readonly arrived: number,
    private readonly settle: (ticket: Ticket, outcome: Outcome) => void,
  ) {
    this.priority = options.priority ?? 'interactive';
    this.deadline = options.deadline;
    this.floats = examples[0] instanceof Float32Array;
    this.#answers = new Array<Classification>(examples.length);
    // A timer per request costs 0.5 µs, less than a sweep is worth.
    this.#timer = setTimeout(this.#onDeadline, Math.max(0, options.deadline - arrived));
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get settled(): boolean {
    return this.#settled;
  }

  get waiting(): number {
    return this.examples.length - this.taken;
  }

  get #allowed(): number {
    return Math.max(0, Math.round(this.deadline - this.arrived));
  }

  example(at: number): Example {
    const example = this.examples[at];
    if (example === undefined) throw new AppError('internal', `there is no image ${at} in this request`);
    return example;
  }

  answer(at: number, classification: Classification): void {
    this.#answers[at] = classification;
    this.#answered += 1;
    if (this.#answered === this.examples.length) this.#finish(this.#answers);
  }

  fail(error: AppError): void {
    this.#finish(error);
  }

  giveUpWaiting(): void {
    this.fail(new AppError('deadline_in_queue', `no worker was free within ${this.#allowed} ms`));
  }

  readonly #onDeadline = (): void => {
    if (this.waiting > 0) this.giveUpWaiting();
    else
      this.fail(new AppError('deadline_running', `the model took longer than the ${this.#allowed} ms left`));
  };

  /** A run cannot be stopped; its late result is thrown away. */
  readonly #onAbort = (): void => {
    if (this.waiting > 0) this.fail(new AppError('client_gone', 'while the image waited'));
  };

  #finish(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener('abort', this.#onAbort);
    this.settle(this, outcome);
  }
}
