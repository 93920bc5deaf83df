// An HDF5 file, read by h5wasm: groups, attributes and float datasets; every fault of the file becomes an error of ours.
import { open as openFile } from 'node:fs/promises';
import h5wasm from 'h5wasm/node';
import { AppError, toAppError } from '../../errors/app-error.js';

/** The signature of the HDF5 format, at 0 or at a power of two from 512 on (format specification, II.A). */
const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

type H5File = InstanceType<typeof h5wasm.File>;

export interface DatasetInfo {
  readonly path: string;
  readonly shape: readonly number[];
}

export class Hdf5File {
  private constructor(
    private readonly file: H5File,
    private readonly name: string,
  ) {}

  /** Opens a file for the time of `body`. */
  static async use<T>(path: string, body: (file: Hdf5File) => T | Promise<T>): Promise<T> {
    await checkSignature(path);
    await h5wasm.ready;
    let file: H5File;
    try {
      file = new h5wasm.File(path, 'r');
      // h5wasm reports a failed open by an id that is not positive.
      if (file.file_id <= 0n) throw new Error('the file structure cannot be read');
    } catch (cause) {
      throw new AppError('checkpoint_damaged', `${path}: the HDF5 structure cannot be read`, { cause });
    }
    try {
      return await body(new Hdf5File(file, path));
    } catch (error) {
      throw toAppError(error, 'checkpoint_damaged');
    } finally {
      file.close();
    }
  }

  /** A text attribute of a group, or undefined where there is none. */
  text(group: string, attribute: string): string | undefined {
    const value = this.#attribute(group, attribute);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    return typeof value === 'string' ? value : undefined;
  }

  /** A list-of-texts attribute; Keras splits long ones over `name0`, `name1`, ... (an attribute holds 64 kB). */
  texts(group: string, attribute: string): readonly string[] | undefined {
    const whole = this.#attribute(group, attribute);
    if (whole !== undefined) return listOfTexts(whole);
    const parts: string[] = [];
    for (let part = 0; ; part++) {
      const value = this.#attribute(group, `${attribute}${part}`);
      if (value === undefined) return part === 0 ? undefined : parts;
      parts.push(...listOfTexts(value));
    }
  }

  has(path: string): boolean {
    return this.#entity(path) !== null;
  }

  children(group: string): readonly string[] {
    const entity = this.#entity(group);
    return entity instanceof h5wasm.Group ? entity.keys() : [];
  }

  dataset(path: string): DatasetInfo | undefined {
    const entity = this.#entity(path);
    return entity instanceof h5wasm.Dataset ? { path, shape: entity.shape ?? [] } : undefined;
  }

  floats(path: string): Float32Array {
    const entity = this.#entity(path);
    if (!(entity instanceof h5wasm.Dataset))
      throw new AppError('weights_missing', `${this.name}: no dataset ${path}`);
    const value: unknown = entity.value;
    if (value instanceof Float32Array) return value;
    if (value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array)
      return Float32Array.from(value);
    if (typeof value === 'number') return Float32Array.of(value);
    throw new AppError(
      'checkpoint_damaged',
      `${this.name}: the dataset ${path} does not hold numbers (${JSON.stringify(entity.dtype)})`,
    );
  }

  #attribute(group: string, attribute: string): unknown {
    const entity = this.#entity(group);
    if (!(entity instanceof h5wasm.Group)) return undefined;
    // `attrs` builds an object with one lazy getter per attribute.
    return Object.hasOwn(entity.attrs, attribute) ? entity.attrs[attribute]?.value : undefined;
  }

  #entity(path: string) {
    const trimmed = path.replace(/^\/+/, '');
    return trimmed === '' ? this.file : this.file.get(trimmed);
  }
}

const listOfTexts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

async function checkSignature(path: string): Promise<void> {
  let handle;
  try {
    handle = await openFile(path);
  } catch (cause) {
    throw new AppError('checkpoint_missing', `${path} cannot be opened`, { cause });
  }
  try {
    const { size } = await handle.stat();
    if (size === 0) throw new AppError('checkpoint_not_hdf5', `${path} is empty`);
    const head = Buffer.alloc(SIGNATURE.length);
    for (let offset = 0; offset + SIGNATURE.length <= size; offset = offset === 0 ? 512 : offset * 2) {
      await handle.read(head, 0, head.length, offset);
      if (head.equals(SIGNATURE)) return;
    }
    await handle.read(head, 0, head.length, 0);
    throw new AppError(
      'checkpoint_not_hdf5',
      `${path} begins with ${describeStart(head)}, not with the HDF5 signature`,
    );
  } finally {
    await handle.close();
  }
}

/** What people really download by mistake. */
function describeStart(head: Buffer): string {
  const text = head.toString('latin1');
  if (text.startsWith('PK')) return 'the signature of a zip file (a .keras file is one)';
  if (text.startsWith('version ')) return 'a Git LFS pointer (run `git lfs pull`)';
  if (/^\s*<(!|html|\?xml)/i.test(text)) return 'HTML (a web page was saved, not the file)';
  return `the bytes ${head.toString('hex')}`;
}
