// From a folder on disk to a model that answers: read its definition, convert it (or find it converted), warm it up.
import { createHash } from 'node:crypto';
import type { Conversion } from '../contracts/artifact.js';
import type { GraphEnds, ImageInput, ModelInfo, Precision } from '../contracts/model.js';
import type { Scale } from '../contracts/preprocessing.js';
import { AppError } from '../errors/app-error.js';
import type { Manifest } from '../models/manifest.js';
import { readReference } from '../models/reference.js';
import { readDefinition, type ModelSource } from '../models/repository.js';
import { ModelPool } from './pool.js';
import { serveModel, type RunningModel } from './served-model.js';

/** What the converter is asked for; start.ts binds it, as inference does not import convert. */
export interface ConversionRequest {
  readonly checkpoint: string;
  /** For a checkpoint of weights only. */
  readonly architecture?: string;
  readonly cacheDir: string;
  readonly precision: Precision;
  readonly maxParameters: number;
  readonly head: {
    readonly kind: 'pictures';
    readonly scale: Scale | 'auto';
    readonly output: Manifest['output'];
    readonly outputLayer?: string;
    readonly size: { readonly height?: number; readonly width?: number; readonly channels?: 1 | 3 | 4 };
  };
  readonly graph: GraphEnds;
  /** Called when another thread converts, and this one has time. */
  readonly whileConverting: () => void;
}

export interface ConvertedModel {
  readonly savedModelDir: string;
  readonly sourceHash: string;
  readonly conversion: Conversion;
  readonly fromCache: boolean;
}

export interface LoadOptions {
  readonly cacheDir: string;
  readonly workers: number;
  readonly maxQueue: number;
  /** Whether the main thread may wait for short runs awake. */
  readonly spareCore: boolean;
  readonly maxParameters: number;
  /** What `auto` means: by the settings, or by the processor. */
  readonly precision: Precision;
  readonly convert: (request: ConversionRequest) => Promise<ConvertedModel>;
  /** See PoolOptions. */
  readonly loadEngine: () => void;
  /** See BatcherOptions. */
  readonly yieldProcessor?: () => void;
  /** A worker ran a batch of so many pictures. */
  readonly onBatch?: (model: ModelInfo, size: number) => void;
}

export interface LoadedModel {
  readonly model: RunningModel;
  readonly fromCache: boolean;
}

const CHANNELS = { auto: undefined, grayscale: 1, rgb: 3, rgba: 4 } as const;

export async function loadModel(source: ModelSource, options: LoadOptions): Promise<LoadedModel> {
  let started: ModelPool | undefined;
  const pool = (): ModelPool => (started ??= new ModelPool(options.workers));
  try {
    return await loadInto(pool, source, options);
  } catch (error) {
    await started?.close();
    throw error;
  }
}

/** The pool starts its threads when it is first asked for. */
async function loadInto(
  pool: () => ModelPool,
  source: ModelSource,
  options: LoadOptions,
): Promise<LoadedModel> {
  const { checkpoint, architecture, manifest, labels } = await readDefinition(source);
  const [height, width] = manifest.input.size ?? [];
  const channels = CHANNELS[manifest.input.color];
  const converted = await options.convert({
    checkpoint,
    ...(architecture === undefined ? {} : { architecture }),
    cacheDir: options.cacheDir,
    precision: manifest.precision === 'auto' ? options.precision : manifest.precision,
    maxParameters: options.maxParameters,
    head: {
      kind: 'pictures',
      scale: manifest.input.scale,
      output: manifest.output,
      ...(manifest.output_layer === undefined ? {} : { outputLayer: manifest.output_layer }),
      size: {
        ...(height === undefined ? {} : { height }),
        ...(width === undefined ? {} : { width }),
        ...(channels === undefined ? {} : { channels }),
      },
    },
    graph: { ...manifest.graph, signature: manifest.signature },
    whileConverting() {
      options.loadEngine();
      pool();
    },
  });
  const info = await describe(source, manifest, labels, converted);
  if (channels !== undefined && channels !== info.input.channels) {
    throw new AppError(
      'manifest_invalid',
      `input.color is "${manifest.input.color}", the model takes ${info.input.channels} channels`,
    );
  }
  const model = await serveModel({
    pool: pool(),
    info,
    conversion: converted.conversion,
    savedModelDir: converted.savedModelDir,
    maxBatch: Math.min(manifest.batch.max_size, converted.conversion.maxBatch ?? Infinity),
    maxDelayMs: manifest.batch.max_delay_ms,
    maxQueue: options.maxQueue,
    spareCore: options.spareCore,
    loadEngine: options.loadEngine,
    ...(options.yieldProcessor === undefined ? {} : { yieldProcessor: options.yieldProcessor }),
    ...(options.onBatch === undefined ? {} : { onBatch: options.onBatch }),
  });
  return { model, fromCache: converted.fromCache };
}

async function describe(
  source: ModelSource,
  manifest: Manifest,
  labels: readonly string[] | undefined,
  { conversion, sourceHash }: ConvertedModel,
): Promise<ModelInfo> {
  const classes = Number(conversion.outputShape[1]);
  const names = labels ?? Array.from({ length: classes }, (_, at) => String(at));
  const { reference, notices } = await readReference(source.folder, manifest, names);
  return {
    name: source.name,
    version: source.version,
    title: manifest.title ?? source.name,
    labels: names,
    topK: manifest.top_k,
    accuracy: manifest.metrics.accuracy ?? null,
    input: imageInput(manifest, conversion),
    scale: manifest.input.scale,
    inputShape: conversion.modelInputShape,
    outputShape: conversion.modelOutputShape,
    totalParameters: conversion.totalParameters,
    architecture: conversion.architecture,
    reference,
    precision: conversion.precision,
    sourceHash,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([source.name, source.version, sourceHash, conversion.precision, manifest]))
      .digest('base64url'),
    kerasVersion: conversion.kerasVersion,
    notices: [...conversion.notices, ...notices],
  };
}

function imageInput(manifest: Manifest, conversion: Conversion): ImageInput {
  const [, height, width, channels] = conversion.inputShape.map(Number);
  if (height === undefined || width === undefined || (channels !== 1 && channels !== 3 && channels !== 4)) {
    throw new AppError('internal', `the converted input has the shape [${conversion.inputShape.join(', ')}]`);
  }
  const { resize, invert, background } = manifest.input;
  return { height, width, channels, resize, invert, background };
}
