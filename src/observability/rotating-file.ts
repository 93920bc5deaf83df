// A log file of bounded size in a bounded number of generations. It never fails: where it cannot write, it says so
// once and swallows what comes.
//
// Not winston's own File transport: that ignores the errors of its stream (a read-only folder, a full disk) and then
// waits for it to drain, which holds up every other transport while the logger's buffer grows without end.
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Writable } from 'node:stream';

export interface RotatingFileOptions {
  readonly path: string;
  /** Past this size the file becomes generation 1, which becomes generation 2, ... */
  readonly maxBytes: number;
  /** Generations kept, the current file included. */
  readonly maxFiles: number;
  /** Told once if the file cannot be written, and once if lines come faster than the disk takes them. */
  readonly onTrouble: (problem: string) => void;
}

/** Lines are gathered this long, so that a busy service makes ten writes a second and not thousands. */
const GATHER_MS = 100;
/** Characters that may wait for the disk; what comes on top is dropped. */
const MAX_WAITING = 8 * 1024 * 1024;

export class RotatingFile extends Writable {
  #handle: FileHandle | null = null;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;
  #dropping = false;

  constructor(private readonly settings: RotatingFileOptions) {
    super({ decodeStrings: false });
  }

  override write(line: string): boolean {
    if (this.#failed || this.writableEnded) return true;
    if (this.writableLength > MAX_WAITING) {
      if (!this.#dropping)
        this.settings.onTrouble(`${this.settings.path} is too slow; log lines are dropped`);
      this.#dropping = true;
      return false;
    }
    if (this.#timer === undefined) {
      this.cork();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.uncork();
      }, GATHER_MS);
    }
    return super.write(line);
  }

  override _writev(lines: { chunk: string }[], done: () => void): void {
    void this.#append(lines.map(({ chunk }) => chunk).join('')).then(done);
  }

  override _final(done: () => void): void {
    clearTimeout(this.#timer);
    void this.#close().then(done);
  }

  async #append(text: string): Promise<void> {
    if (this.#failed) return;
    try {
      this.#handle ??= await this.#open();
      await this.#handle.appendFile(text);
      this.#size += Buffer.byteLength(text);
      if (this.#size >= this.settings.maxBytes) await this.#rotate();
    } catch (error) {
      this.#failed = true;
      await this.#close();
      const reason = error instanceof Error ? error.message : String(error);
      this.settings.onTrouble(
        `${this.settings.path} cannot be written; logging goes on without it (${reason})`,
      );
    }
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.settings.path), { recursive: true });
    const handle = await open(this.settings.path, 'a');
    this.#size = (await handle.stat()).size;
    return handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // What a full disk refused is lost either way.
    await handle?.close().catch(() => undefined);
  }

  async #rotate(): Promise<void> {
    await this.#close();
    for (let generation = this.settings.maxFiles - 1; generation > 0; generation -= 1) {
      await rename(this.#generation(generation - 1), this.#generation(generation)).catch(ignoreMissing);
    }
  }

  /** api.log, api.1.log, api.2.log, ... */
  #generation(number: number): string {
    const { path } = this.settings;
    const extension = extname(path);
    return number === 0 ? path : `${path.slice(0, path.length - extension.length)}.${number}${extension}`;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
