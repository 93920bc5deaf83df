// Conversions in a thread of their own. The HDF5 library is C in WebAssembly, and damaged files make it fail in ways
// that no code around it can mend: of 2,500 files with a few bytes changed, 178 trapped it (after which it fails on
// good files too), 5 never came back, and some made its memory grow to 2 GB. A thread can be stopped and forgotten.
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { workerFile } from '../config/program-files.js';
import type { ConversionReply, ConversionTask, TaskResults } from '../contracts/conversion.js';
import { isConversionReply } from '../contracts/conversion-reply.js';
import { AppError } from '../errors/app-error.js';

/** ResNet-50 takes one second; the rest is for slow machines and disks. */
const TIME_LIMIT_MS = 60_000;
/** VGG-16 has 550 MB. */
const BYTES_PER_MS = 5_000;
/** What the objects of the largest architecture take, many times over; weights lie outside of it. */
const HEAP_MB = 2048;

export interface ThreadOptions {
  /** By default, by the size of the checkpoint. */
  readonly timeLimitMs?: number;
}

/** One task in a thread that ends with it, so that all memory it took is given back. */
export async function runInThread<Task extends ConversionTask>(
  task: Task,
  options: ThreadOptions = {},
  whileItRuns?: () => void,
): Promise<TaskResults[Task['kind']]> {
  const thread = new ConversionThread(options);
  try {
    return await thread.run(task, whileItRuns);
  } finally {
    await thread.close();
  }
}

/** A thread for one task after another: it lives until one breaks the HDF5 library, or does not end. */
export class ConversionThread {
  #worker: Worker | undefined;

  constructor(private readonly options: ThreadOptions = {}) {}

  /** `whileItRuns` is called when the thread has its task, and this one has time. */
  async run<Task extends ConversionTask>(
    task: Task,
    whileItRuns: () => void = () => undefined,
  ): Promise<TaskResults[Task['kind']]> {
    const limit = this.options.timeLimitMs ?? (await timeLimit(task.options.checkpoint));
    const reply = await this.#ask(task, limit, whileItRuns);
    if (!reply.ok) {
      if (reply.threadIsSpent) await this.close();
      const { code, detail, remedy, cause } = reply;
      throw new AppError(code, detail, {
        remedy,
        ...(cause === undefined ? {} : { cause: new Error(cause) }),
      });
    }
    return reply.result as TaskResults[Task['kind']];
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #ask(task: ConversionTask, limitMs: number, whileItRuns: () => void): Promise<ConversionReply> {
    const worker = (this.#worker ??= startWorker());
    const { promise, resolve } = withResolvers<ConversionReply>();
    const failed = (detail: string, cause?: Error): void =>
      resolve({
        ok: false,
        code: 'checkpoint_damaged',
        detail: `${task.options.checkpoint}: ${detail}`,
        remedy: DAMAGED,
        threadIsSpent: true,
        cause: cause?.message,
      });
    const timer = setTimeout(
      () => failed(`reading it took more than ${limitMs / 1000} s and was stopped`),
      limitMs,
    );
    const onMessage = (message: unknown): void =>
      isConversionReply(message) ? resolve(message) : failed('the converter answered in an unknown way');
    const onError = (error: Error): void =>
      failed('the converter ran out of memory or broke down on it', error);
    const onExit = (): void => failed('the converter ended while reading it');
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    try {
      worker.postMessage(task);
      whileItRuns();
      return await promise;
    } finally {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }
}

const DAMAGED = 'Copy or save it again; compare its size with the original.';

let ahead: Worker | undefined;

/**
 * Before the code is there that knows what to convert. The next conversion takes the thread, or `endConverterAhead` ends it;
 * a process that ends does not wait for it.
 */
export function startConverterAhead(): void {
  const worker = (ahead ??= startWorker());
  worker.unref();
  worker
    .on('error', () => undefined)
    .once('exit', () => {
      if (ahead === worker) ahead = undefined;
    });
}

export async function endConverterAhead(): Promise<void> {
  const worker = ahead;
  ahead = undefined;
  await worker?.terminate();
}

function startWorker(): Worker {
  if (ahead !== undefined) {
    const worker = ahead;
    ahead = undefined;
    worker.ref();
    return worker;
  }
  const worker = new Worker(workerFile('convert'), {
    // HDF5 prints each fault that it meets on the way, among them those that are expected: nobody is to read them.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

async function timeLimit(checkpoint: string): Promise<number> {
  // What cannot be looked at is refused with its reason by the converter.
  const size = await stat(checkpoint).then(
    (status) => status.size,
    () => 0,
  );
  return TIME_LIMIT_MS + Math.round(size / BYTES_PER_MS);
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
