// Remembers the hashes of files, so that a start need not read a hundred megabytes to learn that nothing changed.
// What a file holds cannot change without its time of change, which no program sets; a copy is another file.
import { createHash } from 'node:crypto';
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

const FILE = '.hashes.json';
/** File systems tell times by ticks: a file changed in the tick in which it was hashed would look as it did before. */
const SETTLED_MS = 2000;
/** A moment of the main thread to hash. */
const READ_BYTES = 1 << 19;

const knownSchema = z.record(
  /** Absolute path. */
  z.string(),
  z.object({ hash: z.string(), state: z.string(), settled: z.boolean() }),
);

type Hashed = z.infer<typeof knownSchema>[string];

/** What a file cannot keep when it is changed, moved or replaced. */
export async function fileState(
  file: string,
): Promise<{ readonly state: string; readonly changedAt: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(file, { bigint: true });
  return { state: [dev, ino, size, mtimeNs, ctimeNs].join(' '), changedAt: Number(ctimeMs) };
}

export class KnownHashes {
  readonly #used: z.infer<typeof knownSchema> = {};
  #changed = false;

  private constructor(
    private readonly file: string,
    private readonly known: z.infer<typeof knownSchema>,
  ) {}

  static async in(folder: string): Promise<KnownHashes> {
    const file = path.join(folder, FILE);
    try {
      return new KnownHashes(file, knownSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
    } catch {
      // None yet, or damaged: all is hashed anew.
      return new KnownHashes(file, {});
    }
  }

  /** SHA-256 of a file. */
  async hash(file: string): Promise<string> {
    const place = path.resolve(file);
    const { state, changedAt } = await fileState(place);
    const known = Object.hasOwn(this.known, place) ? this.known[place] : undefined;
    if (known?.state === state && known.settled) {
      this.#used[place] = known;
      return known.hash;
    }
    const settled = Date.now() - changedAt > SETTLED_MS;
    const hash = await hashFile(place);
    this.#remember(place, { hash, state, settled });
    return hash;
  }

  /** Of a file that we have written, and hashed as we did: nobody else is at it. */
  async learn(file: string, hash: string): Promise<void> {
    const place = path.resolve(file);
    const { state } = await fileState(place);
    this.#remember(place, { hash, state, settled: true });
  }

  #remember(place: string, hashed: Hashed): void {
    this.#used[place] = hashed;
    this.#changed = true;
  }

  /** What was not asked for this time is forgotten. Where it cannot be written, the next start hashes again. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const temporary = `${this.file}.${process.pid}`;
    await writeFile(temporary, JSON.stringify(this.#used))
      .then(() => rename(temporary, this.file))
      .catch(() => undefined);
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    // Two buffers for all of the file, one read while the other is hashed: a stream takes new memory for each part, which
    // costs more than hashing it.
    let [filled, free] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
    let reading = handle.read(filled, 0, READ_BYTES);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return hash.digest('hex');
      reading = handle.read(free, 0, READ_BYTES);
      hash.update(filled.subarray(0, bytesRead));
      [filled, free] = [free, filled];
    }
  } finally {
    await handle.close();
  }
}
