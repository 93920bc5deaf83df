// Converts a checkpoint as the server does, and watches what it costs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Conversion } from '../../src/contracts/artifact.js';
import type { ConvertOptions } from '../../src/contracts/conversion.js';
import { ConversionThread } from '../../src/convert/conversion-thread.js';
import { AppError } from '../../src/errors/app-error.js';

export interface Attempt {
  readonly outcome: Conversion | AppError;
  readonly ms: number;
  /** Growth of the process while it ran. */
  readonly megabytes: number;
}

export class Converter {
  readonly #thread: ConversionThread;

  private constructor(
    readonly folder: string,
    timeLimitMs: number,
  ) {
    this.#thread = new ConversionThread({ timeLimitMs });
  }

  static async start(timeLimitMs = 20_000): Promise<Converter> {
    return new Converter(await mkdtemp(path.join(os.tmpdir(), 'h5serve-convert-')), timeLimitMs);
  }

  async write(name: string, content: Buffer | string): Promise<string> {
    const file = path.join(this.folder, name);
    await writeFile(file, content);
    return file;
  }

  async attempt(checkpoint: string, options: Partial<ConvertOptions> = {}): Promise<Attempt> {
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
    const folder = await mkdtemp(path.join(this.folder, 'out-'));
    const started = performance.now();
    try {
      const outcome = await this.#convert({
        checkpoint,
        write: { folder, weights: 'inside' },
        precision: 'float32',
        maxParameters: 1e9,
        head: { kind: 'pictures', scale: 'auto', output: 'auto', size: {} },
        ...options,
      });
      return { outcome, ms: performance.now() - started, megabytes: (most - before) / 1e6 };
    } finally {
      clearInterval(watch);
      await rm(folder, { recursive: true });
    }
  }

  async #convert(options: ConvertOptions): Promise<Conversion | AppError> {
    try {
      return await this.#thread.run({ kind: 'convert', options });
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#thread.close();
    await rm(this.folder, { recursive: true });
  }
}
