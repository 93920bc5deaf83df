// A checkpoint with weights that are the same everywhere: from an architecture alone.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../errors/app-error.js';
import { buildArchitecture } from '../build-graph.js';
import { GraphBuilder } from '../graph/builder.js';
import { writeCheckpoint } from '../hdf5/write-checkpoint.js';
import { isObject } from '../keras/config-reader.js';
import { inputShapes } from '../keras/input-shape.js';
import { readArchitecture } from '../keras/read-architecture.js';
import type { Architecture } from '../keras/architecture.js';
import { WeightRegistry, type DeclaredWeight } from '../keras/weights.js';
import { SyntheticWeights } from './synthetic-weights.js';

export interface SynthesisRequest {
  /** JSON of model.to_json(), or a case of the reference corpus; gzipped or not. */
  readonly source: string;
  readonly target: string;
  readonly gain?: number;
  readonly maxParameters: number;
}

export interface Synthesis {
  readonly parameters: number;
  readonly layers: number;
}

const KERAS_VERSION = '3.15.1';

export async function synthesise({
  source,
  target,
  gain,
  maxParameters,
}: SynthesisRequest): Promise<Synthesis> {
  const written = await readJson(source);
  const reference = 'architecture' in written;
  const config = reference ? written['architecture'] : written;
  const architecture = readArchitecture(config);
  const kerasVersion =
    [written['keras_version'], KERAS_VERSION].find((value) => typeof value === 'string') ?? KERAS_VERSION;

  const weights = new WeightRegistry(maxParameters);
  const g = new GraphBuilder();
  const inputs = inputShapes(architecture).map((shape) =>
    // Weights do not depend on the size of pictures, as far as it is open.
    g.add('Placeholder', { shape: [null, ...shape.slice(1).map((size) => size ?? 224)] }),
  );
  buildArchitecture(
    { g, weights, path: [], kerasMajor: Number.parseInt(kerasVersion, 10) },
    architecture,
    inputs,
  );
  const factor = gain ?? (typeof written['gain'] === 'number' ? written['gain'] : 1);
  new SyntheticWeights(factor).bind(weights.all);
  await writeCheckpoint(target, {
    architecture: JSON.stringify(config),
    kerasVersion,
    weights: asListed(architecture, weights.all),
  });
  return { parameters: weights.parameters, layers: architecture.layers.length };
}

/** Keras reads a checkpoint in the order in which the architecture lists its layers, not in that of their calls. */
function asListed(
  model: Architecture,
  weights: readonly DeclaredWeight[],
  depth = 0,
): readonly DeclaredWeight[] {
  return model.layers.flatMap(({ name, inner }) => {
    const own = weights.filter(({ path }) => path[depth] === name);
    return inner === undefined ? own : asListed(inner, own, depth + 1);
  });
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const bytes = await readFile(file);
    const value: unknown = JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
    if (isObject(value)) return value;
  } catch (cause) {
    throw new AppError('config_malformed', `${file} cannot be read as an architecture`, { cause });
  }
  throw new AppError('config_malformed', `${file} does not hold an object`);
}
