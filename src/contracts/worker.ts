// Every message between the main thread and a worker, with the guards of both sides.
import { isErrorCode, type ErrorCode } from '../errors/catalogue.js';
import { isRecord } from './is-record.js';

/** What a worker loads. */
export interface WorkerBoot {
  readonly savedModelDir: string;
  readonly input: { readonly dtype: TensorDtype; readonly shape: readonly number[] };
  readonly outputs: number;
  /** Batch sizes to warm up, from the smallest; the first always, the others as far as the time lasts. */
  readonly warmBatches: readonly number[];
  readonly warmBudgetMs: number;
  /** How many workers the pool has: each waits in its first task until all have come. */
  readonly workers: number;
  /** What batches lie in, each with its number. */
  readonly trays: readonly SharedArrayBuffer[];
  /** Int32 cells: [0] the lock that lets one worker at a time load natively, [1] workers arrived. */
  readonly gate: SharedArrayBuffer;
}

export type TensorDtype = 'uint8' | 'float32';

export type WorkerTask = { readonly kind: 'warm'; readonly boot: WorkerBoot } | PredictTask;

export interface PredictTask {
  readonly kind: 'predict';
  /** Number of the tray that the examples lie in, and that the outputs are put into. */
  readonly tray: number;
  readonly count: number;
  readonly floats: boolean;
  /** Behind its answer. */
  readonly collectYoung: boolean;
}

/** Handed to a worker at its birth: without a model to those that are there before it is known. */
export interface WorkerBirth {
  boot: WorkerBoot | undefined;
}

export interface WarmBatch {
  readonly size: number;
  /** The first run compiles and caches; the later ones show what a batch costs. */
  readonly firstMs: number;
  readonly warmMs: number;
}

export interface WarmReply {
  readonly ok: true;
  readonly kind: 'warm';
  readonly threadId: number;
  readonly tensorflow: string;
  readonly loadMs: number;
  readonly batches: readonly WarmBatch[];
}

export interface PredictReply {
  readonly ok: true;
  readonly kind: 'predict';
  readonly threadId: number;
  /** Live tensors in this worker: constant, or something leaks. */
  readonly tensors: number;
}

/** A custom error posted from a worker arrives as plain Error without its code: errors travel as data. */
export interface ErrorReply {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly detail: string;
}

export type WorkerReply = WarmReply | PredictReply | ErrorReply;

export const isWorkerBirth = (value: unknown): value is WorkerBirth =>
  isRecord(value) && (value['boot'] === undefined || isWorkerBoot(value['boot']));

function isWorkerBoot(value: unknown): value is WorkerBoot {
  return (
    isRecord(value) &&
    typeof value['savedModelDir'] === 'string' &&
    isRecord(value['input']) &&
    Array.isArray(value['input']['shape']) &&
    typeof value['outputs'] === 'number' &&
    Array.isArray(value['warmBatches']) &&
    typeof value['warmBudgetMs'] === 'number' &&
    typeof value['workers'] === 'number' &&
    Array.isArray(value['trays']) &&
    value['gate'] instanceof SharedArrayBuffer
  );
}

export function isWorkerTask(value: unknown): value is WorkerTask {
  if (!isRecord(value)) return false;
  if (value['kind'] === 'warm') return isWorkerBoot(value['boot']);
  return (
    value['kind'] === 'predict' &&
    typeof value['count'] === 'number' &&
    typeof value['tray'] === 'number' &&
    typeof value['floats'] === 'boolean' &&
    typeof value['collectYoung'] === 'boolean'
  );
}

export function isWorkerReply(value: unknown): value is WorkerReply {
  if (!isRecord(value)) return false;
  if (value['ok'] === false) return isErrorCode(value['code']) && typeof value['detail'] === 'string';
  if (value['ok'] !== true) return false;
  return value['kind'] === 'warm'
    ? Array.isArray(value['batches'])
    : value['kind'] === 'predict' && typeof value['tensors'] === 'number';
}
