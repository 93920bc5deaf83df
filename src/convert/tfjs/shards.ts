// Where each weight of a tfjs model lies: a group's weights follow one another through the group's files.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../errors/app-error.js';
import { sizeOf } from '../graph/tensor.js';
import { BYTES_PER_VALUE, dequantise, type WeightDtype } from './dequantise.js';
import { shardFiles, type ModelJson, type WeightEntry } from './model-json.js';

export interface ShardedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightDtype;
  /** The values in `dtype`, read and dequantised at each call. */
  readonly read: () => Uint8Array;
}

interface Part {
  readonly file: string;
  readonly size: number;
}

/** Checks that all files are there and long enough; reads none. */
export function findWeights(
  model: ModelJson,
  file: string,
  maxBytes: number,
): ReadonlyMap<string, ShardedWeight> {
  const groups = shardFiles(model, file).map((names) => names.map(measure));
  const total = groups.flat().reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes)
    throw new AppError('model_too_large', `${file}: the weights have ${total.toLocaleString('en')} bytes`);

  const found = new Map<string, ShardedWeight>();
  model.weightsManifest.forEach(({ weights }, number) => {
    const parts = groups[number] ?? [];
    const length = parts.reduce((sum, { size }) => sum + size, 0);
    let offset = 0;
    for (const entry of weights) {
      const from = offset;
      const size = storedBytes(entry, file);
      offset += size;
      if (!(offset <= length)) {
        const names = parts.map((part) => path.basename(part.file)).join(', ');
        throw new AppError(
          'checkpoint_damaged',
          `${names}: ${length} bytes, but "${entry.name}" ends at ${offset}`,
          {
            remedy: 'Copy all files of weights again, in full.',
          },
        );
      }
      const { name, shape, quantization } = entry;
      const dtype = entry.dtype as WeightDtype;
      found.set(name, {
        name,
        shape,
        dtype,
        read: () => dequantise(readAcross(parts, from, size), dtype, quantization),
      });
    }
  });
  return found;
}

function measure(file: string): Part {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return { file, size: found.size };
  throw new AppError('weights_missing', `${file} is missing`, {
    remedy: 'Put all files of weights beside model.json, under the names that it gives.',
  });
}

function storedBytes({ name, shape, dtype, quantization }: WeightEntry, file: string): number {
  const kind = quantization?.dtype ?? dtype;
  const bytes =
    dtype in BYTES_PER_VALUE && kind in BYTES_PER_VALUE ? BYTES_PER_VALUE[kind as WeightDtype] : undefined;
  if (bytes !== undefined) return sizeOf(shape) * bytes;
  throw new AppError('checkpoint_unsupported', `${file}: the weight "${name}" holds ${dtype}, not numbers`);
}

/** `size` bytes from `from` on, of the files as if they were one. */
function readAcross(parts: readonly Part[], from: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let done = 0;
  let start = 0;
  for (const part of parts) {
    const position = from + done - start;
    const wanted = Math.min(size - done, part.size - position);
    if (wanted > 0) {
      readPart(part.file, bytes.subarray(done, done + wanted), position);
      done += wanted;
    }
    start += part.size;
  }
  return bytes;
}

function readPart(file: string, target: Uint8Array, position: number): void {
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, target, 0, target.length, position) < target.length) {
      throw new AppError('checkpoint_damaged', `${file} became shorter while it was read`);
    }
  } finally {
    closeSync(handle);
  }
}
