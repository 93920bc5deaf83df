// Gathers images into batches for one model: those of one turn of the event loop go together, at once when the model is
// idle, else as batch-plan.ts says. Bounded, with a deadline for each request; what happens to one caller never touches
// another.
import type { AdmitOptions, Classification, ClassifyOptions, Priority } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';
import { HANDOFF_MS, cheapestSize, planBatch } from './batch-plan.js';
import type { CostCurve } from './cost-curve.js';
import { remove } from './remove.js';
import { RequestQueue, type Taken } from './request-queue.js';
import { StayAwake } from './stay-awake.js';
import { Ticket } from './ticket.js';
import type { Example } from './tray.js';

export interface BatchResult {
  /** Of each example. */
  readonly outputs: readonly Float32Array[];
  readonly runMs: number;
}

export interface RunOptions {
  /** Nobody waits for the worker behind its answer: it collects its young garbage then. */
  readonly collectYoung?: boolean;
}

export interface BatcherOptions {
  /** Runs one batch; at most `slots` at a time. Floats are what the model was trained on, bytes are pixels. */
  readonly run: (examples: readonly Example[], options: RunOptions) => Promise<BatchResult>;
  /** Hands out what a run has brought before its message is here, if there is such a run. */
  readonly handOutEarly?: () => boolean;
  /** Collects this thread's young garbage, where that can be asked for. */
  readonly collectYoung?: () => void;
  /** Another thread that waits for this one's processor goes first. */
  readonly yieldProcessor?: () => void;
  readonly slots: number;
  /** Numbers in one example. */
  readonly exampleSize: number;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
  readonly costs: CostCurve;
  /** Whether a core is left for this thread to wait on awake. */
  readonly spareCore: boolean;
  readonly now?: () => number;
}

/** How quickly old arrivals and runs are forgotten. */
const RECENT = 0.1;
/** After a pause, the first images are not judged by it. */
const LONGEST_GAP_MS = 1000;

/** Who is taken shall be answered in time: an estimate that fills the deadline is missed half of the time. */
const CONFIDENCE = 0.7;

/**
 * A request leaves 55 KB of garbage here and 3 KB in its worker. V8 else collects it after 14 to 28 here, after 360 there, in
 * the middle of the next.
 */
const LONE_RUNS_PER_COLLECTION = 8;

export class Batcher {
  readonly #queue = new RequestQueue();
  readonly #now: () => number;
  /** Images that were promised room and are not here yet. */
  readonly #reserved: Record<Priority, number> = { interactive: 0, batch: 0 };
  /** When each batch under way is expected back. */
  readonly #running: { readonly expectedEnd: number }[] = [];
  readonly #awake: StayAwake;
  #scheduled: NodeJS.Immediate | undefined;
  #delay: NodeJS.Timeout | undefined;
  #closing: (() => void) | undefined;
  /** Milliseconds of a slot that one image has cost lately, all included. */
  #imageMs: number;
  #loneRuns = 0;
  #gapMs = LONGEST_GAP_MS;
  #lastArrival = -Infinity;

  constructor(private readonly options: BatcherOptions) {
    this.#awake = new StayAwake(
      () => this.#running.length > 0,
      // Its worker is not free yet: where others wait for it, nothing would be gained.
      () => this.#queue.size === 0 && options.handOutEarly?.() === true,
      options.yieldProcessor,
    );
    this.#now = options.now ?? (() => performance.now());
    const size = cheapestSize(options.maxBatch, options.costs.cost);
    this.#imageMs = (options.costs.cost(size) + HANDOFF_MS) / size;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#running.length;
  }

  /** Throws what `submit` would reject with, were `images` submitted now. */
  admit(images: number, { priority = 'interactive', deadline = Infinity }: AdmitOptions = {}): void {
    if (this.#closing !== undefined) throw new AppError('draining', 'no new images are taken');
    // Batch work leaves half of the queue to those who wait for their answer.
    const interactive = priority === 'interactive';
    const room = interactive ? this.options.maxQueue : Math.ceil(this.options.maxQueue / 2);
    const batchWork = this.#queue.waiting('batch') + this.#reserved.batch;
    const before = interactive ? this.#expected : batchWork;
    if (images > room) {
      throw new AppError('too_many_images', `${images} images in one request; at most ${room} may wait`);
    }
    if (before + images > room) this.#refuse(`${before} images wait; the limit is ${room}`);

    // An idle model always tries: an estimate that was wrong is corrected by a run, and by nothing else.
    if (this.#running.length === 0) return;
    const wait = this.#drainMs(this.#expected + images);
    const allowed = deadline - this.#now();
    if (wait > CONFIDENCE * allowed) {
      this.#refuse(`an answer would take ${Math.ceil(wait)} ms; the request allows ${Math.floor(allowed)}`);
    }
  }

  reserve(images: number, options: AdmitOptions = {}): () => void {
    this.admit(images, options);
    const priority = options.priority ?? 'interactive';
    let held = images;
    this.#reserved[priority] += held;
    return () => {
      this.#reserved[priority] -= held;
      held = 0;
    };
  }

  /** Images that wait, or will. */
  get #expected(): number {
    return this.#queue.size + this.#reserved.interactive + this.#reserved.batch;
  }

  /** All of one request's images, each of `exampleSize` numbers; all are taken or none. */
  submit(examples: readonly Example[], options: ClassifyOptions): Promise<readonly Classification[]> {
    return new Promise((resolve, reject) => {
      const { exampleSize } = this.options;
      this.admit(examples.length, options);
      if (options.signal?.aborted === true) throw new AppError('client_gone', 'before the image was queued');
      const wrong = examples.find(({ length }) => length !== exampleSize);
      if (wrong !== undefined)
        throw new AppError('internal', `an image has ${exampleSize} numbers, not ${wrong.length}`);
      if (examples.length === 0) {
        resolve([]);
        return;
      }

      const now = this.#now();
      const ticket = new Ticket(examples, options, now, (settled, outcome) => {
        this.#queue.drop(settled);
        if (outcome instanceof AppError) reject(outcome);
        else resolve(outcome);
      });
      const gap = Math.min(LONGEST_GAP_MS, now - this.#lastArrival) / examples.length;
      this.#gapMs += RECENT * (gap - this.#gapMs);
      this.#lastArrival = now;
      this.#queue.add(ticket);
      this.#scheduled ??= setImmediate(this.#pump);
    });
  }

  /** Takes nothing new; resolves when everything accepted has been answered. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = resolve;
      this.#pump();
    });
  }

  readonly #pump = (): void => {
    clearImmediate(this.#scheduled);
    clearTimeout(this.#delay);
    this.#scheduled = this.#delay = undefined;
    while (this.#running.length < this.options.slots) {
      const first = this.#firstInTime();
      if (first === undefined) break;
      const { size, waitMs } = this.#plan(first);
      if (waitMs > 0) {
        this.#delay = setTimeout(this.#pump, Math.ceil(waitMs));
        break;
      }
      void this.#runBatch(this.#queue.take(size, this.#fits));
    }
    if (this.#running.length === 0 && this.#queue.size === 0) this.#closing?.();
  };

  /** Who would be late even alone makes way, unless the model is idle. */
  #firstInTime(): Ticket | undefined {
    for (let first = this.#queue.first(); first !== undefined; first = this.#queue.first()) {
      if (this.#running.length === 0 || this.#fits(1, first.deadline)) return first;
      first.giveUpWaiting();
    }
    return undefined;
  }

  #plan(first: Ticket) {
    const { slots, costs } = this.options;
    const now = this.#now();
    const moment = {
      queued: this.#queue.size,
      idle: slots - this.#running.length,
      busy: this.#running.length,
      nextFreeMs: Math.max(0, Math.min(...this.#running.map((run) => run.expectedEnd)) - now),
      gapMs: this.#gapMs,
      sinceArrivalMs: now - this.#lastArrival,
      oldestWaitedMs: now - first.arrived,
    };
    const plan = planBatch(moment, this.options, costs.cost);
    const mayWait =
      this.#closing === undefined && this.#fits(plan.size + 1, first.deadline - Math.max(0, plan.waitMs));
    return mayWait ? plan : { ...plan, waitMs: 0 };
  }

  readonly #fits = (images: number, deadline: number): boolean =>
    this.#now() + this.options.costs.cost(images) <= deadline;

  async #runBatch(batch: readonly Taken[]): Promise<void> {
    const { run, costs, spareCore } = this.options;
    const count = batch.length;
    const started = this.#now();
    const underWay = { expectedEnd: started + costs.cost(count) };
    this.#running.push(underWay);
    if (spareCore) this.#awake.during(costs.cost(count) + HANDOFF_MS);
    const lone = spareCore && count === 1 && this.#running.length === 1 && this.#queue.size === 0;
    const collectYoung = lone && ++this.#loneRuns % LONE_RUNS_PER_COLLECTION === 0;
    try {
      const answered = run(
        batch.map(({ ticket, at }) => ticket.example(at)),
        { collectYoung },
      );
      // While it is computed on another core nobody waits for this thread.
      if (collectYoung) this.options.collectYoung?.();
      const { outputs, runMs } = await answered;
      costs.observe(count, runMs);
      this.#imageMs += RECENT * ((this.#now() - started) / count - this.#imageMs);
      batch.forEach(({ ticket, at }, index) => {
        const probabilities = outputs[index];
        if (probabilities === undefined) {
          throw new AppError('inference_failed', `${count} images gave ${outputs.length} answers`);
        }
        ticket.answer(at, {
          probabilities,
          queueMs: started - ticket.arrived,
          inferenceMs: runMs,
          batchSize: count,
        });
      });
    } catch (error) {
      const failure =
        error instanceof AppError
          ? error
          : new AppError('inference_failed', 'the batch failed', { cause: error });
      for (const { ticket } of batch) ticket.fail(failure);
    } finally {
      remove(this.#running, underWay);
      this.#pump();
    }
  }

  #drainMs(images: number): number {
    return (images * this.#imageMs) / this.options.slots;
  }

  #refuse(detail: string): never {
    const retryAfterSeconds = Math.max(1, Math.ceil(this.#drainMs(this.#expected) / 1000));
    throw new AppError('queue_full', detail, { retryAfterSeconds });
  }
}
