// Weights as raw files beside the graph: all sessions map them, and share their pages.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { WriteOptions } from '../../contracts/conversion.js';

/** Below this a file of its own costs more than it shares. */
const MIN_MAPPED_BYTES = 4096;
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
   * Returns the absolute path by which the graph names the file. It is written while the next weight is made, and no
   * sooner than the one before: two at most are in memory.
   */
  async store(bytes: Uint8Array): Promise<string> {
    const { folder, finalFolder = folder } = this.options;
    const name = `${(this.#number++).toString().padStart(4, '0')}.bin`;
    await (this.#written ??= mkdir(path.join(folder, WEIGHTS), { recursive: true }));
    this.#written = writeDurably(path.join(folder, WEIGHTS, name), bytes);
    // A failure is told of where it is waited for, and until then is nobody's surprise.
    this.#written.catch(() => undefined);
    return path.resolve(finalFolder, WEIGHTS, name);
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
