// An HDF5 file, read by h5wasm: groups, text attributes and number datasets. Every fault of the file becomes an error
// of ours, and nothing is allocated that the file could not hold.
import h5wasm, { ExternalLink, Module } from 'h5wasm';
import { AppError } from '../../errors/app-error.js';
import type { ByteSource } from '../files/byte-source.js';
import { takeBytes } from '../graph/spare-memory.js';
import { sizeOf } from '../graph/tensor.js';
import { readTexts } from './attributes.js';
import { float32Reader } from './numbers.js';
import { withVirtualFile, type ShortCut, type VirtualFile } from './virtual-file.js';

export interface DatasetInfo {
  readonly path: string;
  readonly shape: readonly number[];
}

/** Filters that h5wasm brings (H5Z_FILTER_*): deflate, shuffle, fletcher32, nbit, scaleoffset. */
const KNOWN_FILTERS = new Set([1, 2, 3, 5, 6]);
/** The most that deflate can compress (zlib's technical details): more than that is not in the file. */
const MAX_EXPANSION = 1032;
/** Read in one go: the memory of the WebAssembly module never shrinks again. */
const SLAB_BYTES = 32 * 1024 * 1024;

/** Shorter reads go through a buffer of the library. */
const SHORT_CUT_BYTES = 256 * 1024;
/** It changes when its bytes are turned around in twos, fours or eights. */
const MARK = Uint8Array.of(0x3f, 0x1e, 0x2d, 0x4c, 0x5b, 0x6a, 0x79, 0x08);

type Dataset = InstanceType<typeof h5wasm.Dataset>;

export class Hdf5File {
  #trapped = false;
  /** Those that were asked for: first for their shapes, then for their numbers. */
  readonly #datasets = new Map<string, Dataset>();

  private constructor(
    private readonly file: InstanceType<typeof h5wasm.File>,
    private readonly source: ByteSource,
    private readonly virtual: VirtualFile,
    /** As errors call it. */
    readonly name: string,
  ) {}

  /** Opens a file for the time of `body`. */
  static async use<T>(
    source: ByteSource,
    name: string,
    body: (file: Hdf5File) => T | Promise<T>,
  ): Promise<T> {
    await h5wasm.ready;
    return withVirtualFile(source, async (virtual) => {
      const file = new h5wasm.File(virtual.path, 'r');
      const opened = new Hdf5File(file, source, virtual, name);
      try {
        // h5wasm reports a failed open by an id that is not positive.
        if (file.file_id <= 0n)
          throw new AppError(
            'checkpoint_damaged',
            `${name}: the HDF5 structure cannot be read, or its end is missing`,
          );
        return await body(opened);
      } finally {
        if (!opened.#trapped && file.file_id > 0n) file.close();
      }
    });
  }

  /** Every touch of the library goes through here: what it throws becomes an error that names the place. */
  #reading<T>(path: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof AppError) throw error;
      // After a trap nothing of the library may be touched again, not even to close the file.
      this.#trapped ||= error instanceof Error && error.name === 'RuntimeError';
      throw new AppError('checkpoint_damaged', `${this.name}: ${path} cannot be read`, { cause: error });
    }
  }

  /** A text attribute of a group or dataset, or undefined where there is none. */
  text(path: string, attribute: string): string | undefined {
    return this.#texts(path, attribute)?.[0];
  }

  /** A list-of-texts attribute; Keras splits long ones over `name0`, `name1`, ... (an attribute holds 64 kB). */
  texts(path: string, attribute: string): readonly string[] | undefined {
    const whole = this.#texts(path, attribute);
    if (whole !== undefined) return whole;
    const parts: string[] = [];
    for (let part = 0; ; part++) {
      const value = this.#texts(path, `${attribute}${part}`);
      if (value === undefined) return part === 0 ? undefined : parts;
      parts.push(...value);
    }
  }

  /** Names in a group; none where there is no such group. */
  children(path: string): readonly string[] {
    return this.#reading(path, () => {
      const entity = this.#entity(path);
      return entity instanceof h5wasm.Group ? entity.keys() : [];
    });
  }

  dataset(path: string): DatasetInfo | undefined {
    return this.#reading(path, () => {
      const entity = this.#entity(path);
      return entity instanceof h5wasm.Dataset ? { path, shape: entity.shape ?? [] } : undefined;
    });
  }

  floats(path: string): Float32Array {
    return this.#reading(path, () => this.#floats(path));
  }

  #floats(path: string): Float32Array {
    const entity = this.#entity(path);
    if (!(entity instanceof h5wasm.Dataset))
      throw new AppError('weights_missing', `${this.name}: no dataset ${path}`);
    const { metadata } = entity;
    const where = `${this.name}: the dataset ${path}`;
    this.#refuseUnreadable(entity, where);
    const toFloats = float32Reader(metadata, () => this.text(path, 'dtype'), where);
    const shape = metadata.shape ?? [];
    const [rows = 1, ...inner] = shape;
    const rowSize = sizeOf(inner);
    if (rows * rowSize === 0) return new Float32Array(0);

    const slab = Math.max(1, Math.floor(SLAB_BYTES / (rowSize * metadata.size)));
    const read = (row: number): Float32Array => {
      const count = Math.min(slab, rows - row);
      const part = shape.length === 0 ? null : ([row, count] as const);
      return toFloats(this.#read(entity, part, count * rowSize * metadata.size, where));
    };
    if (slab >= rows) return read(0);
    const values = new Float32Array(rows * rowSize);
    for (let row = 0; row < rows; row += slab) values.set(read(row), row * rowSize);
    return values;
  }

  /** What would be read from elsewhere, could not be unpacked, or claims more than the file can hold. */
  #refuseUnreadable(dataset: Dataset, where: string): void {
    const { metadata, filters } = dataset;
    if (metadata.virtual_sources !== undefined) {
      throw new AppError('checkpoint_unsafe', `${where} is virtual: its values lie in another file`);
    }
    const unknown = filters.find(({ id }) => !KNOWN_FILTERS.has(id));
    if (unknown !== undefined) {
      throw new AppError(
        'checkpoint_unsupported',
        `${where} is compressed by "${unknown.name}" (HDF5 filter ${unknown.id})`,
        {
          remedy: 'Save the model with Keras, which does not compress, or with gzip.',
        },
      );
    }
    const bytes = metadata.total_size * metadata.size;
    const chunk = sizeOf(metadata.chunks ?? []) * metadata.size;
    const most = this.source.size * (filters.length > 0 ? MAX_EXPANSION : 1);
    if (bytes > most || chunk > Math.max(most, SLAB_BYTES)) {
      throw new AppError(
        'checkpoint_unsafe',
        `${where} claims ${Math.max(bytes, chunk)} bytes; the file has ${this.source.size}`,
      );
    }
  }

  #read(
    dataset: Dataset,
    rows: readonly [number, number] | null,
    length: number,
    where: string,
  ): Uint8Array<ArrayBuffer> {
    const pointer = Module._malloc(length);
    if (pointer === 0) throw new AppError('model_too_large', `${where}: ${length} bytes cannot be allocated`);
    try {
      const bytes = takeBytes(length);
      if (length >= SHORT_CUT_BYTES && this.#readPast(dataset, rows, pointer, bytes, where)) return bytes;
      readInto(pointer, dataset, rows, where);
      bytes.set(Module.HEAPU8.subarray(pointer, pointer + length));
      return bytes;
    } finally {
      Module._free(pointer);
    }
  }

  /**
   * What lies in the file as it is wanted does not pass through the library's memory, which would be new memory, and copying.
   * Where the library reads otherwise, or turns around what it read, the mark is gone.
   */
  #readPast(
    dataset: Dataset,
    rows: readonly [number, number] | null,
    pointer: number,
    target: Uint8Array,
    where: string,
  ): boolean {
    Module.HEAPU8.set(MARK, pointer);
    const shortCut: ShortCut = { pointer, target, taken: false };
    this.virtual.shortCut = shortCut;
    try {
      readInto(pointer, dataset, rows, where);
    } finally {
      this.virtual.shortCut = undefined;
    }
    return shortCut.taken && MARK.every((byte, at) => Module.HEAPU8[pointer + at] === byte);
  }

  #texts(path: string, name: string): readonly string[] | undefined {
    return this.#reading(path, () => {
      const entity = this.#entity(path);
      if (!(entity instanceof h5wasm.Group || entity instanceof h5wasm.Dataset)) return undefined;
      return readTexts(Module, { fileId: this.file.file_id, object: entity.path, name });
    });
  }

  #entity(path: string) {
    // C strings end at a NUL: another name would be looked up.
    if (path.includes('\0')) return null;
    const trimmed = path.replaceAll(/^\/+|\/+$/g, '');
    if (trimmed === '') return this.file;
    const known = this.#datasets.get(trimmed);
    if (known !== undefined) return known;
    const entity = this.file.get(trimmed);
    if (entity instanceof h5wasm.Dataset) this.#datasets.set(trimmed, entity);
    if (entity === null) return this.#refuseLinkOnTheWay(trimmed);
    if (entity instanceof ExternalLink) return this.#refuseLink(trimmed, entity);
    return entity;
  }

  /** A path through a link that leads out of the file looks like a missing one. */
  #refuseLinkOnTheWay(path: string): null {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const part = parts.slice(0, depth).join('/');
      const entity = this.file.get(part);
      if (entity instanceof ExternalLink) return this.#refuseLink(part, entity);
      if (entity === null) return null;
    }
    return null;
  }

  #refuseLink(path: string, link: ExternalLink): never {
    throw new AppError(
      'checkpoint_unsafe',
      `${this.name}: ${path} is a link into another file (${link.filename})`,
    );
  }
}

/** `rows`: the first one and how many; null reads a scalar. */
function readInto(
  pointer: number,
  { file_id, path, metadata }: Dataset,
  rows: readonly [number, number] | null,
  where: string,
): void {
  const rest = (metadata.shape ?? []).slice(1);
  const status =
    rows === null
      ? Module.get_dataset_data(file_id, path, null, null, null, BigInt(pointer))
      : Module.get_dataset_data(
          file_id,
          path,
          [rows[1], ...rest].map(BigInt),
          [rows[0], ...rest.map(() => 0)].map(BigInt),
          [1, ...rest.map(() => 1)].map(BigInt),
          BigInt(pointer),
        );
  // h5wasm's own getter does not look at it, and returns what was in memory before.
  if (status < 0)
    throw new AppError(
      'checkpoint_damaged',
      `${where} cannot be read: damaged, or its values lie in another file`,
    );
}
