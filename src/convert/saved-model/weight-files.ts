// Weights as raw files beside the graph: all sessions map them, and share their pages.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { WriteOptions } from '../../contracts/conversion.js';
import type { AttributeValue } from './protos.js';

/** Below this a file of its own costs more than it shares. */
const MIN_MAPPED_BYTES = 4096;
/**
 * When a session starts, TensorFlow folds constants: it copies mapped weights too, several times over, and keeps one copy
 * for each session. A ResNet-50 starts in half of the time without, and two workers of it take 190 MB less; but each run
 * then maps the file again, which small weights are not worth (all of them together made a run 10 % longer).
 */
const MIN_UNFOLDED_BYTES = 1_000_000;
/**
 * TensorFlow does not fold what is said to be in a scoped allocator. Nothing else looks at this attribute, as long as the
 * graph has no such allocator.
 */
const UNFOLDED: Readonly<Record<string, AttributeValue>> = { _scoped_allocator: { kind: 'ints', value: [] } };
const WEIGHTS = 'weights';

export class WeightFiles {
  #number = 0;
  #written: Promise<unknown> | undefined;

  constructor(private readonly options: WriteOptions) {}

  /** Whether a weight of this size gets a file. */
  takes(bytes: number): boolean {
    return this.options.weights === 'mapped' && bytes >= MIN_MAPPED_BYTES;
  }

  /**
   * Returns the attributes by which an ImmutableConst finds the file. It is written while the next weight is made, and no
   * sooner than the one before: two at most are in memory.
   */
  async store(bytes: Uint8Array): Promise<Readonly<Record<string, AttributeValue>>> {
    const { folder, finalFolder = folder } = this.options;
    const name = `${(this.#number++).toString().padStart(4, '0')}.bin`;
    await (this.#written ??= mkdir(path.join(folder, WEIGHTS), { recursive: true }));
    this.#written = writeDurably(path.join(folder, WEIGHTS, name), bytes);
    // A failure is told of where it is waited for, and until then is nobody's surprise.
    this.#written.catch(() => undefined);
    return {
      memory_region_name: { kind: 'string', value: path.resolve(finalFolder, WEIGHTS, name) },
      ...(bytes.length >= MIN_UNFOLDED_BYTES ? UNFOLDED : {}),
    };
  }

  /** Resolves when every file is on the disk. */
  async finish(): Promise<void> {
    await this.#written;
  }
}

/** A power cut must not leave a file that has its name and size but not its bytes. */
async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
