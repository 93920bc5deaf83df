// Opens a model of any kind. Two things come out of it: layers as Keras means them, or a graph as TensorFlow runs it.
import { readFile, stat } from 'node:fs/promises';
import type { CheckpointPlace } from '../contracts/conversion.js';
import type { GraphEnds } from '../contracts/model.js';
import { AppError } from '../errors/app-error.js';
import { kindOf, mainFile, type CheckpointKind } from './checkpoint-kind.js';
import { openCheckpoint, type Checkpoint } from './open-checkpoint.js';
import { readFrozenGraph } from './tensorflow/frozen-graph.js';
import type { GraphModel } from './tensorflow/graph-model.js';
import { readSavedModel } from './tensorflow/saved-model.js';

export interface OpenOptions extends CheckpointPlace {
  readonly maxParameters: number;
  readonly ends: GraphEnds;
}

/** What is done with a model while it is open. */
export interface Use<T> {
  readonly layers: (checkpoint: Checkpoint) => Promise<T>;
  readonly graph: (model: GraphModel) => Promise<T>;
}

export async function openModel<T>(options: OpenOptions, use: Use<T>): Promise<T> {
  const file = await mainFile(options.checkpoint);
  return OPEN[await kindOf(file)](file, options, use);
}

type Open = <T>(file: string, options: OpenOptions, use: Use<T>) => Promise<T>;

const OPEN: Readonly<Record<CheckpointKind, Open>> = {
  keras: (file, options, use) => openCheckpoint(file, options, use.layers),
  'saved-model': async (file, options, use) =>
    use.graph(readSavedModel(file, await readWhole(file, options), options.ends)),
  'frozen-graph': async (file, options, use) =>
    use.graph(readFrozenGraph(file, await readWhole(file, options), options.ends)),
  tfjs: async (file, options, use) => {
    const { readTfjsModel } = await import('./tfjs/read-model.js');
    const bytes = await readWhole(file, options);
    const model = readTfjsModel(file, bytes, options.maxParameters * BYTES_PER_PARAMETER, options.ends);
    return 'graph' in model ? use.graph(model.graph) : use.layers(model.layers);
  },
};

const BYTES_PER_PARAMETER = 4;
/** What a model's main file may have beside its weights. */
const MAX_BESIDE_WEIGHTS = 64 * 1024 * 1024;

async function readWhole(file: string, { maxParameters }: OpenOptions): Promise<Uint8Array> {
  const { size } = await stat(file);
  const most = maxParameters * BYTES_PER_PARAMETER + MAX_BESIDE_WEIGHTS;
  // Node reads, and protocol buffers hold, 2 GiB at most.
  if (size > Math.min(most, 2 ** 31 - 1))
    throw new AppError('model_too_large', `${file} has ${size.toLocaleString('en')} bytes`);
  return readFile(file);
}
