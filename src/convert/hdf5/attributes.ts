// Text attributes of HDF5 objects. Read here and not by h5wasm, which takes Keras's bytes for ASCII (they are UTF-8)
// and goes on with whatever was in memory when the library could not read.
import type { Module } from 'h5wasm';
import { AppError } from '../../errors/app-error.js';

/** The architecture of a large model has 2 MB; a list of weight names is kept under 64 kB by Keras itself. */
const MAX_BYTES = 16 * 1024 * 1024;
const STRING = 3;

export type H5Module = typeof Module;

/** Where an attribute stands: an open file, an object in it, a name. */
export interface AttributePlace {
  readonly fileId: bigint;
  readonly object: string;
  readonly name: string;
}

/** All texts of an attribute, or undefined where it is absent or not of texts. An empty list has no type of its own. */
export function readTexts(
  module: H5Module,
  { fileId, object, name }: AttributePlace,
): readonly string[] | undefined {
  if (!module.get_attribute_names(fileId, object).includes(name)) return undefined;
  const { type, size, total_size: count, vlen, shape } = module.get_attribute_metadata(fileId, object, name);
  if (count === 0 && shape !== null) return [];
  if (type !== STRING || shape === null) return undefined;
  const bytes = size * count;
  if (!(bytes <= MAX_BYTES))
    throw new AppError('checkpoint_damaged', `the attribute ${name} of ${object} claims ${bytes} bytes`);

  const pointer = module._malloc(bytes);
  try {
    const place = BigInt(pointer);
    if (module.get_attribute_data(fileId, object, name, place) < 0) {
      throw new AppError('checkpoint_damaged', `the attribute ${name} of ${object} cannot be read`);
    }
    // A copy: the memory of the module may grow, and move, at any later call.
    const copy = Buffer.from(module.HEAPU8.slice(pointer, pointer + bytes));
    if (!vlen)
      return Array.from({ length: count }, (_, at) => upToNul(copy.subarray(at * size, (at + 1) * size)));
    const texts = Array.from({ length: count }, (_, at) => module.UTF8ToString(copy.readUInt32LE(at * size)));
    module.reclaim_vlen_memory(fileId, object, name, place);
    return texts;
  } finally {
    module._free(pointer);
  }
}

function upToNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}
