// One checkpoint in, one SavedModel folder out: the converter's only entry.
import { readFile, stat } from 'node:fs/promises';
import type { Conversion } from '../contracts/artifact.js';
import type { GraphEnds } from '../contracts/model.js';
import { AppError } from '../errors/app-error.js';
import { kindOf, mainFile, type CheckpointKind } from './checkpoint-kind.js';
import { convertGraph } from './convert-graph.js';
import { convertOpened } from './convert-layers.js';
import type { ConvertOptions } from '../contracts/conversion.js';
import { openCheckpoint } from './open-checkpoint.js';
import { readFrozenGraph } from './tensorflow/frozen-graph.js';
import type { GraphModel } from './tensorflow/graph-model.js';
import { readSavedModel } from './tensorflow/saved-model.js';
import { openTfjsModel } from './tfjs/open-model.js';

/** A checkpoint of any kind: what it is, its first bytes tell. */
export async function convertCheckpoint(options: ConvertOptions): Promise<Conversion> {
  const file = await mainFile(options.checkpoint);
  return CONVERT[await kindOf(file)](file, options);
}

type Way = (file: string, options: ConvertOptions) => Promise<Conversion>;

const fromGraph =
  (read: (file: string, bytes: Uint8Array, ends: GraphEnds) => GraphModel): Way =>
  async (file, options) =>
    convertGraph(read(file, await readWhole(file, options), endsOf(options)), options);

const CONVERT: Readonly<Record<CheckpointKind, Way>> = {
  keras: (file, options) => openCheckpoint(file, options, (checkpoint) => convertOpened(checkpoint, options)),
  'saved-model': fromGraph(readSavedModel),
  'frozen-graph': fromGraph(readFrozenGraph),
  tfjs: async (file, options) => {
    const bytes = await readWhole(file, options);
    const model = openTfjsModel(file, bytes, options.maxParameters * BYTES_PER_PARAMETER, endsOf(options));
    return 'graph' in model ? convertGraph(model.graph, options) : convertOpened(model.layers, options);
  },
};

/** The manifest's `output_layer` means an output of a graph, too. */
const endsOf = ({ graph, head }: ConvertOptions): GraphEnds =>
  head.kind === 'pictures' ? { output: head.outputLayer, ...graph } : { ...graph };

const BYTES_PER_PARAMETER = 4;
/** What a model's main file may have beside its weights. */
const MAX_BESIDE_WEIGHTS = 64 * 1024 * 1024;

async function readWhole(file: string, { maxParameters }: ConvertOptions): Promise<Uint8Array> {
  const { size } = await stat(file);
  const most = maxParameters * BYTES_PER_PARAMETER + MAX_BESIDE_WEIGHTS;
  // Node reads, and protocol buffers hold, 2 GiB at most.
  if (size > Math.min(most, 2 ** 31 - 1))
    throw new AppError('model_too_large', `${file} has ${size.toLocaleString('en')} bytes`);
  return readFile(file);
}
