// The worker threads of one model, under the rules that keep the native addon safe (design.md, section 3):
// as many threads for ever as at the start, none ended while it runs, ready only when every one has warmed up.
import { Piscina } from 'piscina';
import { workerFile } from '../config/program-files.js';
import {
  isWorkerReply,
  type PredictReply,
  type WarmReply,
  type WorkerBirth,
  type WorkerBoot,
  type WorkerTask,
} from '../contracts/worker.js';
import { AppError, toAppError } from '../errors/app-error.js';
import { quietWorkers } from './quiet-workers.js';
import { remove } from './remove.js';
import { Tray, trayMemory, type Example } from './tray.js';
import type { BatchResult, RunOptions } from './batcher.js';
import { createGate } from './worker-gate.js';

export interface PoolOptions extends Omit<WorkerBoot, 'gate' | 'workers' | 'trays'> {
  /** Loads the addon into the main thread. It must be first: with workers first, 6 of 200 starts died. */
  readonly loadEngine: () => void;
}

interface Run {
  readonly tray: Tray;
  readonly count: number;
  readonly resolve: (result: BatchResult) => void;
}

const isAnswered = ({ tray }: Run): boolean => tray.isAnswered;

/** One whose outputs have been handed out, while its worker has yet to reply, and one for the run that waits for it. */
const TRAYS_PER_THREAD = 2;

export class ModelPool {
  readonly #piscina: Piscina;
  readonly #birth: WorkerBirth = { boot: undefined };
  readonly #tensors = new Map<number, number>();
  readonly #free: Tray[] = [];
  /** Whose outputs have not been handed out. */
  readonly #runs: Run[] = [];
  readonly #replies: Promise<void>[] = [];
  /** Every thread has loaded its code, or failed to. */
  readonly #codeLoaded: Promise<unknown>;

  /** Its threads load their code: that can be done before the model is known. The engine they load for it. */
  constructor(readonly threads: number) {
    this.#piscina = new Piscina({
      filename: workerFile('classify'),
      minThreads: threads,
      maxThreads: threads,
      // An idle worker must never end: starting one later is the dangerous moment.
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      // Ours are measured where they happen, and told of in metrics.
      recordTiming: false,
      workerData: this.#birth,
    });
    // Of a thread that breaks down before it is asked: what is wrong is told when it is.
    this.#piscina.on('error', () => undefined);
    quietWorkers(this.#piscina);
    this.#codeLoaded = Promise.all(
      this.#piscina.threads.map(
        (thread) => new Promise<void>((resolve) => thread.once('message', resolve).once('exit', resolve)),
      ),
    );
  }

  /** What each worker says of its warm-up. */
  async load({ loadEngine, ...options }: PoolOptions): Promise<readonly WarmReply[]> {
    const trays = Array.from({ length: TRAYS_PER_THREAD * this.threads }, () => trayMemory(options));
    this.#free.push(...trays.map((memory, number) => new Tray(number, memory, options)));
    const boot: WorkerBoot = { ...options, workers: this.threads, trays, gate: createGate() };
    // From here on a worker that replaces a dead one knows the model, too.
    this.#birth.boot = boot;
    loadEngine();
    // Each warm-up waits for the others inside its worker, so every worker gets exactly one.
    return Promise.all(
      Array.from({ length: this.threads }, async () =>
        expectReply(await runTask(this.#piscina, { kind: 'warm', boot }), 'warm'),
      ),
    );
  }

  /** Examples of one kind. At most `threads` runs at a time. */
  run(examples: readonly Example[], options: RunOptions = {}): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      const tray = this.#free.pop();
      if (tray === undefined) throw new AppError('internal', 'more runs than workers');
      const run = { tray, count: examples.length, resolve };
      this.#runs.push(run);
      const giveBack = (): void => {
        this.#free.push(tray);
        remove(this.#replies, replied);
      };
      // The tray is back before anybody hears of the run: the next may begin at once.
      const replied = this.#send(tray, examples, options).then(
        () => {
          giveBack();
          this.#handOut(run);
        },
        (error: unknown) => {
          giveBack();
          if (remove(this.#runs, run)) reject(toAppError(error));
        },
      );
      this.#replies.push(replied);
    });
  }

  async #send(tray: Tray, examples: readonly Example[], { collectYoung = false }: RunOptions): Promise<void> {
    tray.put(examples);
    const floats = examples[0] instanceof Float32Array;
    const count = examples.length;
    const task: WorkerTask = { kind: 'predict', tray: tray.number, count, floats, collectYoung };
    // Never a signal here: aborting a running task ends its thread, which corrupts the heap.
    const reply = expectReply(await runTask(this.#piscina, task), 'predict');
    this.#tensors.set(reply.threadId, reply.tensors);
  }

  /**
   * A worker's outputs lie in their tray before its reply is here. Whether there were any to hand out.
   * Until the reply is here the worker is not free: a run that follows may wait for it.
   */
  handOutEarly(): boolean {
    const run = this.#runs.find(isAnswered);
    if (run === undefined) return false;
    this.#handOut(run);
    return true;
  }

  #handOut(run: Run): void {
    const { tray, count, resolve } = run;
    if (remove(this.#runs, run)) resolve({ outputs: tray.outputs(count), runMs: tray.runMs });
  }

  /** Native tensors that were alive in all threads after their last runs. */
  get tensors(): number {
    return [...this.#tensors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Call when nothing runs any more: ending an idle thread is safe. */
  async close(): Promise<void> {
    await Promise.all(this.#replies);
    // Node 20 ends the process where a thread is ended while it loads its code: 1 of 300 did.
    await this.#codeLoaded;
    await this.#piscina.destroy();
  }
}

async function runTask(piscina: Piscina, task: WorkerTask): Promise<unknown> {
  try {
    return await piscina.run(task);
  } catch (cause) {
    throw new AppError('inference_failed', 'a worker thread ended', { cause });
  }
}

function expectReply<Kind extends 'warm' | 'predict'>(
  reply: unknown,
  kind: Kind,
): Extract<WarmReply | PredictReply, { kind: Kind }> {
  if (!isWorkerReply(reply)) throw new AppError('inference_failed', 'a worker answered in an unknown way');
  if (!reply.ok) throw new AppError(reply.code, reply.detail);
  if (reply.kind !== kind)
    throw new AppError('inference_failed', `a worker answered "${reply.kind}" to "${kind}"`);
  return reply as Extract<WarmReply | PredictReply, { kind: Kind }>;
}
