// The files of a SavedModel: the graph, and weights as raw files beside it, which all sessions map and share the pages of.
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { HELD_SCHEME } from '../../contracts/graph-names.js';
import type { WriteOptions } from '../../contracts/conversion.js';
import { giveBack } from '../graph/spare-memory.js';
import type { AttributeValue } from './protos.js';

/** Below this a file of its own costs more than it shares. */
const MIN_MAPPED_BYTES = 4096;
/**
 * When a session starts, TensorFlow folds constants: it copies mapped weights too, several times over, and keeps one copy
 * for each session. What is said to be in a scoped allocator it leaves alone; nothing else looks at this attribute, as long
 * as the graph has no such allocator. Two workers of a ResNet-50 take 440 MB less, and start in half of the time.
 */
const UNFOLDED: Readonly<Record<string, AttributeValue>> = { _scoped_allocator: { kind: 'ints', value: [] } };
/** What is not folded is asked for in each run: for less than this it is not worth it. */
const MIN_UNFOLDED_BYTES = 250_000;
const GRAPH = 'saved_model.pb';
const WEIGHTS = 'weights';
/** A disk syncs several files in the time of one. */
const SYNCED_AT_ONCE = 8;

export class ModelFiles {
  #number = 0;
  readonly #hashes: Record<string, string> = {};
  #written: Promise<unknown> | undefined;
  readonly #synced: Promise<void>[] = [];

  constructor(private readonly options: WriteOptions) {}

  /** SHA-256 of each file, by its place in the folder. */
  get hashes(): Readonly<Record<string, string>> {
    return this.#hashes;
  }

  /** Whether a weight of this size gets a file. */
  takes(bytes: number): boolean {
    return this.options.weights !== 'inside' && bytes >= MIN_MAPPED_BYTES;
  }

  /**
   * Returns the attributes by which an ImmutableConst finds the file. It is written while the next weight is made, and no
   * sooner than the one before: two at most are in memory. `bytes` are given away.
   */
  async store(bytes: Uint8Array): Promise<Readonly<Record<string, AttributeValue>>> {
    const { folder, weights } = this.options;
    const name = `${WEIGHTS}/${(this.#number++).toString().padStart(4, '0')}.bin`;
    await (this.#written ??= mkdir(path.join(folder, WEIGHTS), { recursive: true }));
    if (this.#synced.length === SYNCED_AT_ONCE) await this.#synced.shift();
    const place = path.resolve(folder, name);
    this.#hashes[name] = sha256(bytes);
    const file = write(place, bytes);
    this.#written = file.then(() => giveBack(bytes));
    const synced = file.then(syncAndClose);
    this.#synced.push(synced);
    // A failure is told of where it is waited for, and until then is nobody's surprise.
    for (const promise of [this.#written, synced]) promise.catch(() => undefined);
    return {
      memory_region_name: { kind: 'string', value: weights === 'held' ? HELD_SCHEME + place : place },
      ...(weights === 'held' && bytes.length >= MIN_UNFOLDED_BYTES ? UNFOLDED : {}),
    };
  }

  /** The graph, last of all. */
  async define(bytes: Uint8Array): Promise<void> {
    const { folder } = this.options;
    await mkdir(folder, { recursive: true });
    this.#hashes[GRAPH] = sha256(bytes);
    await writeFile(path.join(folder, GRAPH), bytes, { flush: true });
  }

  /** Resolves when every weight is on the disk. */
  async finish(): Promise<void> {
    await Promise.all(this.#synced);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function write(file: string, bytes: Uint8Array): Promise<FileHandle> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A power cut must not leave a file that has its name and size but not its bytes. */
async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
