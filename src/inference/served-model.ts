// One model version, from its converted graph to a warm pool behind a batcher.
import type { Conversion } from '../contracts/artifact.js';
import type { ServedModel } from '../contracts/classifier.js';
import type { ModelInfo } from '../contracts/model.js';
import { AppError } from '../errors/app-error.js';
import { Batcher } from './batcher.js';
import { ModelPool } from './pool.js';

export interface ServeOptions {
  readonly info: ModelInfo;
  readonly conversion: Conversion;
  readonly savedModelDir: string;
  readonly workers: number;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
}

export interface RunningModel extends ServedModel {
  readonly pool: ModelPool;
  /** Answers all that was accepted, then ends the threads. */
  close(): Promise<void>;
}

export async function serveModel(options: ServeOptions): Promise<RunningModel> {
  const { info, conversion, workers, maxBatch } = options;
  const shape = conversion.inputShape.slice(1).map(Number);
  const classes = Number(conversion.outputShape[1]);
  if (info.labels.length !== classes) {
    throw new AppError(
      'labels_mismatch',
      `the model has ${classes} classes, there are ${info.labels.length} labels`,
    );
  }
  const pool = await ModelPool.start({
    savedModelDir: options.savedModelDir,
    input: { dtype: conversion.inputDtype, shape },
    outputs: classes,
    warmBatches: batchSizes(maxBatch),
    warmBudgetMs: WARM_BUDGET_MS,
    workers,
  });
  const batcher = new Batcher({
    run: (pixels, count) => pool.run(pixels, count),
    slots: workers,
    imageBytes: shape.reduce((product, size) => product * size, 1),
    classes,
    // Only sizes that every worker has warmed up are used.
    maxBatch: Math.min(...pool.warmups.map(({ batches }) => batches.at(-1)?.size ?? 1)),
    maxDelayMs: options.maxDelayMs,
    maxQueue: options.maxQueue,
  });
  return {
    info,
    pool,
    costMs: pictureCost(pool),
    classify: (pixels, classifyOptions) => batcher.submit(pixels, classifyOptions),
    admit: (images) => batcher.admit(images),
    health: () => ({
      threads: pool.threads,
      busy: batcher.running,
      queued: batcher.queued,
      tensors: pool.tensors,
    }),
    async close() {
      await batcher.drain();
      await pool.close();
    },
  };
}

/** No batch costs less than one picture: the least of all is what one costs, whatever else the machine was doing. */
const pictureCost = ({ warmups }: ModelPool): number =>
  Math.min(...warmups.flatMap(({ batches }) => batches.map(({ warmMs }) => warmMs)));

/** After its first run, what a model's larger batches may cost before it is ready. */
const WARM_BUDGET_MS = 500;

/** Warmed up before ready: 1, 2, 4, ... and the largest. Sizes between them cost no more than their neighbours. */
function batchSizes(largest: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 1; size < largest; size *= 2) sizes.push(size);
  return [...sizes, largest];
}
