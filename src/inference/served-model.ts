// One model version, from its converted graph to a warm pool behind a batcher.
import type { Conversion } from '../contracts/artifact.js';
import type { ServedModel } from '../contracts/classifier.js';
import type { ModelInfo } from '../contracts/model.js';
import type { WarmReply } from '../contracts/worker.js';
import { AppError } from '../errors/app-error.js';
import { Batcher } from './batcher.js';
import { collectYoung } from './collect-young.js';
import { CostCurve, type CostPoint } from './cost-curve.js';
import type { ModelPool } from './pool.js';
import { splitTensor } from './split-tensor.js';
import { trayCapacity } from './tray.js';

export interface ServeOptions {
  readonly pool: ModelPool;
  readonly info: ModelInfo;
  readonly conversion: Conversion;
  readonly savedModelDir: string;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
  readonly spareCore: boolean;
  readonly loadEngine: () => void;
  readonly yieldProcessor?: () => void;
  readonly onBatch?: (model: ModelInfo, size: number) => void;
}

export interface RunningModel extends ServedModel {
  readonly pool: ModelPool;
  /** Answers all that was accepted, then ends the threads. */
  close(): Promise<void>;
}

export async function serveModel(options: ServeOptions): Promise<RunningModel> {
  const { pool, info, conversion, maxBatch } = options;
  const shape = conversion.inputShape.slice(1).map(Number);
  const classes = Number(conversion.outputShape[1]);
  if (info.labels.length !== classes) {
    throw new AppError(
      'labels_mismatch',
      `the model has ${classes} classes, there are ${info.labels.length} labels`,
    );
  }
  const ends = { input: { dtype: conversion.inputDtype, shape }, outputs: classes };
  const warmups = await pool.load({
    savedModelDir: options.savedModelDir,
    ...ends,
    warmBatches: batchSizes(Math.min(maxBatch, trayCapacity(ends))),
    warmBudgetMs: WARM_BUDGET_MS,
    loadEngine: options.loadEngine,
  });
  const costs = warmCosts(warmups);
  const exampleSize = shape.reduce((product, size) => product * size, 1);
  const batcher = new Batcher({
    run: (examples, runOptions) => {
      options.onBatch?.(info, examples.length);
      return pool.run(examples, runOptions);
    },
    handOutEarly: () => pool.handOutEarly(),
    collectYoung,
    ...(options.yieldProcessor === undefined ? {} : { yieldProcessor: options.yieldProcessor }),
    slots: pool.threads,
    exampleSize,
    maxBatch: costs.at(-1)?.size ?? 1,
    costs: new CostCurve(costs),
    maxDelayMs: options.maxDelayMs,
    maxQueue: options.maxQueue,
    spareCore: options.spareCore,
  });
  return {
    info,
    pool,
    costMs: pictureCost(warmups),
    async classify(pixels, classifyOptions) {
      const [classification] = await batcher.submit([pixels], classifyOptions);
      if (classification === undefined) throw new AppError('internal', 'one image, but no answer');
      return classification;
    },
    classifyAll: (images, classifyOptions) => batcher.submit(images, classifyOptions),
    async classifyTensor(values, count, classifyOptions) {
      const layout = { shape, channelsFirst: conversion.channelsFirst };
      return batcher.submit(splitTensor(values, count, layout), classifyOptions);
    },
    admit: (images, admitOptions) => batcher.admit(images, admitOptions),
    reserve: (images, admitOptions) => batcher.reserve(images, admitOptions),
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
const pictureCost = (warmups: readonly WarmReply[]): number =>
  Math.min(...warmups.flatMap(({ batches }) => batches.map(({ warmMs }) => warmMs)));

/** Only sizes that every worker has warmed up are used; they ran side by side, as they will when serving. */
function warmCosts(warmups: readonly WarmReply[]): readonly CostPoint[] {
  const sizes = Math.min(...warmups.map(({ batches }) => batches.length));
  return Array.from({ length: sizes }, (_, at) => ({
    size: warmups[0]?.batches[at]?.size ?? 1,
    ms: Math.max(...warmups.map(({ batches }) => batches[at]?.warmMs ?? 0)),
  }));
}

/** After its first run, what a model's larger batches may cost before it is ready. */
const WARM_BUDGET_MS = 500;

/** Warmed up before ready: 1, 2, 4, ... and the largest. Sizes between them cost no more than their neighbours. */
function batchSizes(largest: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 1; size < largest; size *= 2) sizes.push(size);
  return [...sizes, largest];
}
