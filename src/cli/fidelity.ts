// How far the serving engine is from Keras: the model's raw output for a stated input, beside the expected one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { applyThreadSettings } from '../config/thread-settings.js';
import type { CheckpointPlace } from '../contracts/conversion.js';
import type { GraphEnds, Precision } from '../contracts/model.js';
import { runInThread } from '../convert/conversion-thread.js';
import { NumpyRandom } from '../convert/fidelity/numpy-random.js';
import { AppError } from '../errors/app-error.js';
import { loadAddon } from '../native/addon.js';
import { sharedWeights } from '../native/own-addon.js';
import { NativeSession } from '../native/session.js';

const MAX_AXES = 8;

/** Keras gives a batch of one: a list in a list. */
const numbers = z
  .array(z.unknown())
  .transform((values) => values.flat(MAX_AXES))
  .pipe(z.array(z.number()));

const expectedSchema = z.object({
  /** The input is numpy.random.RandomState(input_seed).rand(1, *input_shape) as float32. */
  input_seed: z.number().int().min(0),
  input_shape: z.array(z.number().int().positive()),
  /** Then times the scale, plus the shift. */
  input_scale: z.number().default(1),
  input_shift: z.number().default(0),
  output: numbers,
});

export interface FidelityRequest extends CheckpointPlace {
  readonly expectedFile: string;
  readonly precision: Precision;
  readonly maxParameters: number;
  readonly graph?: GraphEnds;
}

export interface Fidelity {
  /** The largest difference between the two outputs. */
  readonly absolute: number;
  /** The same, as a part of the largest expected value. */
  readonly relative: number;
  readonly outputs: number;
  readonly sameTop1: boolean;
}

export async function measureFidelity(request: FidelityRequest): Promise<Fidelity> {
  const expected = await readExpected(request.expectedFile);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-check-'));
  try {
    const { inputShape } = await runInThread({
      kind: 'convert',
      options: {
        checkpoint: request.checkpoint,
        ...(request.architecture === undefined ? {} : { architecture: request.architecture }),
        write: { folder, weights: sharedWeights() },
        precision: request.precision,
        maxParameters: request.maxParameters,
        head: { kind: 'raw', size: expected.input_shape },
        graph: request.graph,
      },
    });
    const shape = inputShape.slice(1).map(Number);
    if (shape.join() !== expected.input_shape.join()) {
      throw new AppError(
        'usage',
        `the model takes [${shape.join(', ')}], the expected input is [${expected.input_shape.join(', ')}]`,
      );
    }
    const random = new NumpyRandom(expected.input_seed);
    const length = shape.reduce((product, size) => product * size, 1);
    const input = Float32Array.from(
      { length },
      () => random.rand() * expected.input_scale + expected.input_shift,
    );
    return compare(runOnce(folder, shape, input), expected.output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readExpected(file: string) {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('usage', `${file} cannot be read`, {
      cause,
      remedy: 'Give the path of a JSON file with input_seed, input_shape and output.',
    });
  });
  try {
    return expectedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('usage', `${file} does not hold an expected output`, {
      cause,
      remedy: 'It is JSON with input_seed, input_shape and output.',
    });
  }
}

function runOnce(folder: string, shape: readonly number[], input: Float32Array): Float32Array {
  applyThreadSettings({ threadsPerWorker: os.availableParallelism() });
  const session = new NativeSession(loadAddon(), folder, { dtype: 'float32', shape });
  try {
    return session.run(input, 1);
  } finally {
    session.close();
  }
}

function compare(actual: Float32Array, expected: readonly number[]): Fidelity {
  if (actual.length !== expected.length) {
    throw new AppError('usage', `the model gives ${actual.length} numbers, ${expected.length} are expected`);
  }
  // A NaN must never pass for a small difference.
  const absolute = expected.reduce((largest, value, at) => {
    const difference = Math.abs(value - (actual[at] ?? NaN));
    return Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }, 0);
  const largest = Math.max(...expected.map(Math.abs));
  const top = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((best, value, at) => (value > (values[best] ?? -Infinity) ? at : best), 0);
  return {
    absolute,
    relative: absolute / (largest || 1),
    outputs: expected.length,
    sameTop1: top(actual) === top(expected),
  };
}
