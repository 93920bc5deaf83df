// Which converted models lie in a folder. A receipt is named by the hash of all that shaped a model, and tells in which folder
// beside it the model is; it comes last, so that a folder with a receipt is whole.
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { conversionSchema } from '../contracts/artifact.js';
import { mapAtOnce } from '../contracts/map-at-once.js';
import type { KnownHashes } from './known-hashes.js';

/** Receipts kept per model version: other settings of the same model may be in use beside us. */
const KEPT = 3;
const RECEIPT = /^[0-9a-f]{20}\.json$/;
/** Folders of models, receipts that are being written, and what earlier versions had. */
const OURS = /^\.?[0-9a-f]{8}[0-9a-f.-]+(json\.[0-9a-f-]+)?$/;
/** What no receipt tells of may be in the making; */
const HOUR_MS = 3_600_000;
/** what is whole may be served still, by a process whose receipt was replaced. */
const WEEK_MS = 7 * 24 * HOUR_MS;
/** While one file is hashed, others are read. */
const HASHED_AT_ONCE = 4;

const receiptSchema = z.object({
  folder: z.uuid(),
  sourceHash: z.string(),
  conversion: conversionSchema,
  /** SHA-256 of each file, by its place in the folder. */
  files: z.record(z.string(), z.string()),
});

type Receipt = z.infer<typeof receiptSchema>;

interface Told {
  readonly receipt: string;
  readonly folder: string;
  readonly at: number;
}

export class Receipts {
  constructor(
    private readonly place: string,
    private readonly hashes: KnownHashes,
  ) {}

  async areThere(): Promise<boolean> {
    return (await this.#names()).length > 0;
  }

  /** One whose every file is as it was written. It is then the last to go. */
  async use(key: string): Promise<Receipt | undefined> {
    const found = await this.#read(key);
    const now = new Date();
    if (found !== undefined) await utimes(this.#fileOf(key), now, now).catch(() => undefined);
    return found;
  }

  /** Gives the receipt that is in force: another process may have made the same meanwhile. */
  async keep(key: string, receipt: Receipt): Promise<Receipt> {
    const folder = path.join(this.place, receipt.folder);
    const files = Object.entries(receipt.files);
    await Promise.all(files.map(([name, hash]) => this.hashes.learn(path.join(folder, name), hash)));
    const file = this.#fileOf(key);
    const whole = `${file}.${receipt.folder}`;
    try {
      await writeFile(whole, JSON.stringify(receipt), { flush: true });
      const linked = await link(whole, file).then(
        () => true,
        () => false,
      );
      if (linked) return receipt;
      const others = await this.#read(key);
      if (others !== undefined) return others;
      // It is damaged; or this disk has no links, and another process may do the same in this moment.
      await rename(whole, file);
      return (await this.#read(key)) ?? receipt;
    } finally {
      await rm(whole, { force: true }).catch(() => undefined);
    }
  }

  /** Receipts that were not used for the longest time go with their folders; that of `current` stays. */
  async forgetOld(current: string): Promise<void> {
    await forLater(async () => {
      const others = (await this.#told()).filter(({ folder }) => folder !== current);
      for (const { receipt, folder } of others.toSorted((a, b) => b.at - a.at).slice(KEPT - 1)) {
        await rm(receipt, { force: true });
        await rm(path.join(this.place, folder), { recursive: true, force: true });
      }
    });
  }

  /** Of conversions that were cut short, and of earlier versions. */
  async removeLeftovers(): Promise<void> {
    await forLater(async () => {
      const told = new Set((await this.#told()).map(({ folder }) => folder));
      for (const name of await readdir(this.place)) {
        const leftover = path.join(this.place, name);
        if (!OURS.test(name) || RECEIPT.test(name) || told.has(name)) continue;
        if (await isGivenUp(leftover)) await rm(leftover, { recursive: true, force: true });
      }
    });
  }

  async #read(key: string): Promise<Receipt | undefined> {
    try {
      const receipt = receiptSchema.parse(JSON.parse(await readFile(this.#fileOf(key), 'utf8')));
      const folder = path.join(this.place, receipt.folder);
      const same = await mapAtOnce(
        Object.entries(receipt.files),
        HASHED_AT_ONCE,
        async ([name, hash]) => (await this.hashes.hash(path.join(folder, name))) === hash,
      );
      return same.every(Boolean) ? receipt : undefined;
    } catch {
      // Absent, cut short or damaged: it is made anew.
      return undefined;
    }
  }

  /** What all receipts tell. One that cannot be read may tell of any folder: this fails, and nothing is removed. */
  async #told(): Promise<readonly Told[]> {
    const told: Told[] = [];
    for (const name of await this.#names()) {
      const receipt = path.join(this.place, name);
      const folder = folderIn(await readFile(receipt, 'utf8'));
      if (folder === undefined) await rm(receipt, { force: true });
      else told.push({ receipt, folder, at: (await stat(receipt)).mtimeMs });
    }
    return told;
  }

  async #names(): Promise<readonly string[]> {
    return (await readdir(this.place).catch((): string[] => [])).filter((name) => RECEIPT.test(name));
  }

  #fileOf(key: string): string {
    return path.join(this.place, `${key}.json`);
  }
}

/** What is not ours to remove, or is removed by another process, stays for later. */
const forLater = (remove: () => Promise<void>): Promise<void> => remove().catch(() => undefined);

/** None in a receipt that was cut short: nobody goes by it. */
function folderIn(receipt: string): string | undefined {
  try {
    return z.object({ folder: z.uuid() }).parse(JSON.parse(receipt)).folder;
  } catch {
    return undefined;
  }
}

async function isGivenUp(place: string): Promise<boolean> {
  const isWhole = await stat(path.join(place, 'saved_model.pb')).then(
    () => true,
    () => false,
  );
  return Date.now() - (await stat(place)).mtimeMs > (isWhole ? WEEK_MS : HOUR_MS);
}
