// A model from the reference corpus (scripts/python/reference): its architecture, weights drawn by name, one input, and
// the output that Keras gave.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Precision } from '../../src/contracts/model.js';
import { convertOpened } from '../../src/convert/convert-layers.js';
import { NumpyRandom } from '../../src/convert/fidelity/numpy-random.js';
import { SyntheticWeights } from '../../src/convert/fidelity/synthetic-weights.js';
import { readArchitecture } from '../../src/convert/keras/read-architecture.js';
import type { WeightSource } from '../../src/convert/keras/weights.js';
import { loadAddon } from '../../src/native/addon.js';
import { sharedWeights } from '../../src/native/own-addon.js';
import { NativeSession } from '../../src/native/session.js';

export interface ReferenceModel {
  readonly keras_version: string;
  readonly input_seed: number;
  readonly input_scale: number;
  readonly input_shift?: number;
  readonly input_shape: readonly number[];
  readonly gain: number;
  readonly architecture: unknown;
  readonly output: readonly number[];
}

export interface RunOptions {
  readonly precision: Precision;
  readonly weights?: WeightSource;
}

/** Converts `model` and hands a native session of it to `body`. */
export async function withSession<T>(
  model: ReferenceModel,
  { precision, weights = new SyntheticWeights(model.gain) }: RunOptions,
  body: (session: NativeSession, parameters: number) => T | Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-reference-'));
  try {
    const checkpoint = {
      architecture: readArchitecture(model.architecture),
      weights,
      kerasVersion: model.keras_version,
    };
    const { inputShape, totalParameters } = await convertOpened(checkpoint, {
      write: { folder, weights: sharedWeights() },
      precision,
      maxParameters: 1e9,
      head: { kind: 'raw', size: model.input_shape },
    });
    const session = new NativeSession(loadAddon(), folder, {
      dtype: 'float32',
      shape: inputShape.slice(1).map(Number),
    });
    try {
      return await body(session, totalParameters);
    } finally {
      session.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The input that the expected output belongs to; other seeds give other inputs of the same range. */
export function referenceInput(model: ReferenceModel, seed = model.input_seed): Float32Array {
  const random = new NumpyRandom(seed);
  const length = model.input_shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, () => random.rand() * model.input_scale + (model.input_shift ?? 0));
}

export const runReference = (model: ReferenceModel, options: RunOptions): Promise<Float32Array> =>
  withSession(model, options, (session) => session.run(referenceInput(model), 1));

/** The largest difference of two outputs; infinite where one is no number. */
export function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  if (actual.length !== expected.length)
    throw new Error(`expected ${expected.length} outputs, found ${actual.length}`);
  return expected.reduce((largest, value, at) => {
    const difference = Math.abs(value - (actual[at] ?? NaN));
    return Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }, 0);
}
