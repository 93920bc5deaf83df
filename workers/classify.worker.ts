// One thread of a model's pool: holds its own native session and answers tasks. Errors go back as data.
import { setPriority } from 'node:os';
import { threadId, workerData } from 'node:worker_threads';
import {
  isWorkerBirth,
  isWorkerTask,
  type PredictReply,
  type PredictTask,
  type WarmBatch,
  type WarmReply,
  type WorkerBoot,
  type WorkerReply,
} from '../src/contracts/worker.js';
import { toAppError } from '../src/errors/app-error.js';
import { collectYoung } from '../src/inference/collect-young.js';
import { Tray } from '../src/inference/tray.js';
import { meetOthers, oneAtATime } from '../src/inference/worker-gate.js';
import { loadAddon } from '../src/native/addon.js';
import { NativeSession } from '../src/native/session.js';

interface Engine {
  readonly session: NativeSession;
  readonly trays: readonly Tray[];
  readonly tensorflow: string;
  readonly loadMs: number;
}

// Piscina hands workerData on as [environment, ours].
const birth: unknown = Array.isArray(workerData) ? workerData[1] : workerData;
/** A worker that replaces a dead one is born with it, the others are told of it by their first task. */
let boot = isWorkerBirth(birth) ? birth.boot : undefined;

/** Under overload one refusal in a hundred took 18 ms without it, 9 with it (bench/overload.ts). */
const NICE = 5;
/**
 * What Linux lets a thread run before the next has its turn. A shorter run keeps nobody waiting, and is half of an answer's
 * way itself: made to wait, it cost a tenth of the digits in a second.
 */
const LONG_RUN_MS = 3;

let engine: Engine | undefined;

/** A worker that replaces a dead one was never asked to warm up: it loads with its first task. */
function ensureEngine(options: WorkerBoot): Engine {
  return (engine ??= oneAtATime(options.gate, () => {
    const started = performance.now();
    const addon = loadAddon();
    const session = new NativeSession(addon, options.savedModelDir, options.input);
    const trays = options.trays.map((memory, number) => new Tray(number, memory, options));
    return { session, trays, tensorflow: addon.TF_Version, loadMs: performance.now() - started };
  }));
}

function warm(options: WorkerBoot): WarmReply {
  try {
    const { session, tensorflow, loadMs } = ensureEngine(options);
    const batches = warmBatches(session, options);
    if (batches.every(({ warmMs }) => warmMs > LONG_RUN_MS)) giveWay();
    return { ok: true, kind: 'warm', threadId, tensorflow, loadMs, batches };
  } finally {
    // Waiting here keeps this thread busy, so that the pool gives the other warm-ups to the other threads.
    meetOthers(options.gate, options.workers);
  }
}

/**
 * Answers, refusals and health go before runs. On Linux the priority is this thread's alone: elsewhere it would be the
 * whole process's, and here TensorFlow's further threads (NUM_THREADS) keep their own.
 */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(NICE);
}

/** A large model must not wait for batches that it would gain nothing by: the next size costs twice the last. */
function warmBatches(
  session: NativeSession,
  { warmBatches: sizes, warmBudgetMs, input }: WorkerBoot,
): WarmBatch[] {
  const started = performance.now();
  const batches: WarmBatch[] = [];
  for (const size of sizes) {
    const next = RUNS * 2 * (batches.at(-1)?.warmMs ?? 0);
    if (batches.length > 0 && performance.now() - started + next > warmBudgetMs) break;
    if (next > WORTH_ASKING_MS && !gainsByBatching(batches)) break;
    batches.push(warmBatch(session, input, size));
  }
  return batches;
}

/** Below this the next size is tried anyway: so short a run is measured badly. */
const WORTH_ASKING_MS = 100;

/** Whether the last size costs less per picture than the one before. */
function gainsByBatching(batches: readonly WarmBatch[]): boolean {
  const [before, last] = batches.slice(-2);
  if (before === undefined || last === undefined) return true;
  return last.warmMs / last.size < 0.97 * (before.warmMs / before.size);
}

/** The first run of a size, and two that show what it costs. */
const RUNS = 3;

function warmBatch(session: NativeSession, { dtype, shape }: WorkerBoot['input'], size: number): WarmBatch {
  const length = shape.reduce((product, axis) => product * axis, size);
  const run = (): number => {
    const started = performance.now();
    session.run(dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length), size);
    return performance.now() - started;
  };
  return { size, firstMs: run(), warmMs: Math.min(run(), run()) };
}

function predict(options: WorkerBoot, task: PredictTask): PredictReply {
  const { session, trays } = ensureEngine(options);
  const tray = trays[task.tray];
  if (tray === undefined) throw new Error(`there is no tray ${task.tray}`);
  const { count, floats } = task;
  const started = performance.now();
  const outputs = session.run(tray.examples(count, floats), count);
  const runMs = performance.now() - started;
  if (outputs.length !== count * options.outputs) {
    throw new Error(`expected ${count} x ${options.outputs} outputs, found ${outputs.length}`);
  }
  const { tensors } = session;
  // If the main thread is awake, it takes them from there, and does not wait for the reply.
  tray.answer(outputs, runMs);
  if (task.collectYoung) collectYoung();
  return { ok: true, kind: 'predict', threadId, tensors };
}

export default function classify(task: unknown): WorkerReply {
  try {
    if (!isWorkerTask(task)) throw new Error('this is not a task for a worker');
    if (task.kind === 'warm') return warm((boot = task.boot));
    if (boot === undefined) throw new Error('this worker was never told what to load');
    return predict(boot, task);
  } catch (error) {
    const predicting = isWorkerTask(task) && task.kind === 'predict';
    const { code, detail } = toAppError(error, predicting ? 'inference_failed' : 'engine_failed');
    return { ok: false, code, detail: detail.trim() };
  }
}
