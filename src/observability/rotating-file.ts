// A log file of bounded size in a bounded number of generations. It never fails: where it cannot write, it says so
// once and swallows what comes.
//
// Not winston's own File transport: that ignores the errors of its stream (a read-only folder, a full disk) and then
// waits for it to drain, which holds up every other transport while the logger's buffer grows without end.
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname, extname } from 'node:path';

export interface RotatingFileOptions {
  readonly path: string;
  /** Past this size the file becomes generation 1, which becomes generation 2, ... */
  readonly maxBytes: number;
  /** Generations kept, the current file included. */
  readonly maxFiles: number;
  /** Told once if the file cannot be written, and once if lines come faster than the disk takes them. */
  readonly onTrouble: (problem: string) => void;
}

/** Lines are gathered this long, so that a busy service makes a few dozen writes a second and not thousands. */
const GATHER_MS = 100;
/** Or until so many bytes are together. */
const GATHER_BYTES = 64 * 1024;
/** What may wait for the disk; what comes on top is dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

export class RotatingFile {
  /** Lines are kept as bytes: strings that wait would be copied by one collection of young objects after another. */
  readonly #gathered = Buffer.allocUnsafeSlow(GATHER_BYTES);
  #used = 0;
  #timer: NodeJS.Timeout | undefined;
  #written = Promise.resolve();
  #waiting = 0;
  #handle: FileHandle | null = null;
  #size = 0;
  #failed = false;
  #dropping = false;
  #ended = false;

  constructor(private readonly settings: RotatingFileOptions) {}

  write(line: string): void {
    if (this.#failed || this.#ended) return;
    if (this.#waiting > MAX_WAITING_BYTES) {
      if (!this.#dropping) {
        this.#dropping = true;
        this.settings.onTrouble(`${this.settings.path} is too slow; log lines are dropped`);
      }
      return;
    }
    const most = MOST_BYTES * line.length;
    if (most > GATHER_BYTES - this.#used) this.#flush();
    if (most > GATHER_BYTES) this.#append(Buffer.from(line));
    else this.#used += this.#gathered.write(line, this.#used);
    this.#timer ??= setTimeout(this.#flush, GATHER_MS);
  }

  /** Resolves when all that was written is in the file; what comes later is swallowed. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#flush();
    await this.#written;
    await this.#close();
  }

  readonly #flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === 0) return;
    this.#append(Buffer.from(this.#gathered.subarray(0, this.#used)));
    this.#used = 0;
  };

  #append(lines: Buffer): void {
    this.#waiting += lines.length;
    this.#written = this.#written.then(async () => {
      await this.#write(lines);
      this.#waiting -= lines.length;
    });
  }

  async #write(lines: Buffer): Promise<void> {
    if (this.#failed) return;
    try {
      this.#handle ??= await this.#open();
      await this.#handle.appendFile(lines);
      this.#size += lines.length;
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
