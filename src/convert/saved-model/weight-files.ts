// Weights as raw files beside the graph: all sessions map them, and share their pages.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { WriteOptions } from '../../contracts/conversion.js';

/** Below this a file of its own costs more than it shares. */
const MIN_MAPPED_BYTES = 4096;
const WEIGHTS = 'weights';

export class WeightFiles {
  #number = 0;
  #folder: Promise<unknown> | undefined;

  constructor(private readonly options: WriteOptions) {}

  /** Whether a weight of this size gets a file. */
  takes(bytes: number): boolean {
    return this.options.weights === 'mapped' && bytes >= MIN_MAPPED_BYTES;
  }

  /** Returns the absolute path by which the graph names the file. */
  async store(bytes: Uint8Array): Promise<string> {
    const { folder, finalFolder = folder } = this.options;
    const name = `${(this.#number++).toString().padStart(4, '0')}.bin`;
    await (this.#folder ??= mkdir(path.join(folder, WEIGHTS), { recursive: true }));
    await writeDurably(path.join(folder, WEIGHTS, name), bytes);
    return path.resolve(finalFolder, WEIGHTS, name);
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
