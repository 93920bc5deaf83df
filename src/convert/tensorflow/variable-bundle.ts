// The variables of a SavedModel: an index of names, and shards that hold the values one after another
// (tensorflow/core/protobuf/tensor_bundle.proto).
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors/app-error.js';
import { sizeOf } from '../graph/tensor.js';
import { readShapeProto } from './attributes.js';
import { FREEZE_IT, type Weight } from './graph-model.js';
import { readTable } from './sorted-table.js';
import { bytesPerValue } from './data-types.js';
import { lastField } from './wire.js';

const PREFIX = 'variables';
/** Some hundred bytes a variable. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

export class VariableBundle {
  private constructor(
    private readonly folder: string,
    private readonly entries: ReadonlyMap<string, Uint8Array>,
    private readonly shards: number,
  ) {}

  /** `folder` is the one named `variables`. */
  static async open(folder: string): Promise<VariableBundle> {
    const index = path.join(folder, `${PREFIX}.index`);
    const size = await fileSize(index);
    if (size > MAX_INDEX_BYTES)
      throw new AppError('model_too_large', `${index} is larger than ${MAX_INDEX_BYTES} bytes`);
    const entries = readTable(await readFile(index), index);
    const header = entries.get('');
    if (header === undefined) throw new AppError('checkpoint_damaged', `${index}: it has no header`);
    // BundleHeaderProto
    if (lastField(header, 2, index)?.integer())
      throw new AppError('checkpoint_unsupported', `${index}: the variables are big-endian`);
    return new VariableBundle(folder, entries, lastField(header, 1, index)?.integer() ?? 1);
  }

  /** What is there under a name; its values are read when they are asked for. */
  async find(key: string): Promise<Weight> {
    const what = `${this.folder}: the variable ${key}`;
    const entry = this.entries.get(key);
    if (entry === undefined) throw new AppError('weights_missing', `${what} is missing`);
    // BundleEntryProto
    const integer = (field: number): number => lastField(entry, field, what)?.integer() ?? 0;
    const shape =
      readShapeProto(lastField(entry, 2, what)?.bytes() ?? new Uint8Array(), what)?.map(Number) ?? [];
    const [dtype, shard, offset, size] = [integer(1), integer(3), integer(4), integer(5)];
    if (lastField(entry, 7, what) !== undefined)
      throw new AppError('checkpoint_unsupported', `${what} is stored in parts`, { remedy: FREEZE_IT });
    if (size !== sizeOf(shape) * bytesPerValue(dtype, what))
      throw new AppError('checkpoint_damaged', `${what} has ${size} bytes`);

    const number = (value: number): string => value.toString().padStart(5, '0');
    const file = path.join(this.folder, `${PREFIX}.data-${number(shard)}-of-${number(this.shards)}`);
    if (offset < 0 || offset + size > (await fileSize(file)))
      throw new AppError('checkpoint_damaged', `${what} is behind the end of ${path.basename(file)}`);
    return { dtype, shape, read: () => readPart(file, offset, size) };
  }
}

async function fileSize(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return found.size;
  throw new AppError('weights_missing', `${file} is missing`, {
    remedy: 'Copy the whole SavedModel, its folder `variables` with it.',
  });
}

async function readPart(file: string, offset: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const handle = await open(file);
  try {
    const { bytesRead } = await handle.read(bytes, 0, size, offset);
    if (bytesRead < size) throw new AppError('checkpoint_damaged', `${file} is cut short`);
    return bytes;
  } finally {
    await handle.close();
  }
}
