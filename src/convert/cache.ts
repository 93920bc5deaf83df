// Converted models are kept on disk. A receipt, which is named by the hash of all that shaped a model, tells in which folder
// it lies; it comes last, so that a folder with a receipt is whole. What does not match its receipt is made anew.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { conversionSchema, type Conversion } from '../contracts/artifact.js';
import type { ConvertOptions, WriteOptions } from '../contracts/conversion.js';
import { mapAtOnce } from '../contracts/map-at-once.js';
import { AppError } from '../errors/app-error.js';
import { runInThread } from './conversion-thread.js';
import { KnownHashes } from './known-hashes.js';
import { Source } from './source.js';

/** Receipts kept per model version: other settings of the same model may be in use beside us. */
const KEPT = 3;
const RECEIPT = /^[0-9a-f]{20}\.json$/;
/** Folders of models, those of earlier versions too. */
const FOLDER = /^\.?[0-9a-f.-]{20,}$/;
/** A folder without a receipt may be in the making; by then nobody is at it. */
const GIVEN_UP_MS = 3_600_000;
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

export interface CachedModel {
  readonly savedModelDir: string;
  readonly sourceHash: string;
  readonly conversion: Conversion;
  readonly fromCache: boolean;
}

export type CacheRequest = Omit<ConvertOptions, 'write'> & {
  /** Folder of this model version's entries. */
  readonly cacheDir: string;
  readonly weights: WriteOptions['weights'];
  /** Called when something is converted, and this thread has time. */
  readonly whileConverting?: () => void;
};

export async function ensureConverted(request: CacheRequest): Promise<CachedModel> {
  const { cacheDir } = request;
  const hashes = await KnownHashes.in(cacheDir);
  const source = new Source(request, hashes);
  // Where nothing was converted nothing can be found: the checkpoint is hashed while it is converted.
  if ((await receipts(cacheDir)).length > 0) {
    const { key, hash: sourceHash } = await source.identity();
    const receipt = path.join(cacheDir, `${key}.json`);
    const found = await readReceipt(receipt, hashes);
    if (found !== undefined) {
      await hashes.save();
      const now = new Date();
      await utimes(receipt, now, now).catch(() => undefined);
      const { conversion, folder } = found;
      return { savedModelDir: path.join(cacheDir, folder), sourceHash, conversion, fromCache: true };
    }
  }
  const folder = path.join(cacheDir, randomUUID());
  let cached: CachedModel | undefined;
  try {
    return (cached = await convertInto(folder, request, source, hashes));
  } finally {
    // A converter that was stopped may still be writing a file.
    if (cached?.savedModelDir !== folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function convertInto(
  folder: string,
  request: CacheRequest,
  source: Source,
  hashes: KnownHashes,
): Promise<CachedModel> {
  const { cacheDir, weights, whileConverting, ...options } = request;
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new AppError('engine_failed', `the cache folder ${cacheDir} cannot be written to`, {
      cause,
      remedy: 'Set CACHE_DIR to a folder that can be written to.',
    });
  }
  const before = await source.state();
  const task = { kind: 'convert', options: { ...options, write: { folder, weights } } } as const;
  const [identity, converted] = await Promise.allSettled([
    source.identity(),
    runInThread(task, {}, whileConverting),
  ]);
  // What is wrong with the file itself is told first.
  if (identity.status === 'rejected') throw identity.reason;
  if (converted.status === 'rejected') throw converted.reason;
  const { key, hash: sourceHash } = identity.value;
  const { files, ...conversion } = converted.value;
  if ((await source.state()) !== before) {
    throw new AppError('checkpoint_damaged', `${request.checkpoint} changed while it was converted`, {
      remedy: 'Start again when it is written; put a new version beside the old one, not over it.',
    });
  }
  await Promise.all(Object.entries(files).map(([name, hash]) => hashes.learn(path.join(folder, name), hash)));
  const receipt: Receipt = { folder: path.basename(folder), sourceHash, conversion, files };
  const inForce = await keep(path.join(cacheDir, `${key}.json`), receipt, hashes);
  await hashes.save();
  await forgetOld(cacheDir);
  return { savedModelDir: path.join(cacheDir, inForce.folder), sourceHash, conversion, fromCache: false };
}

/** A receipt whose every file is as it was written. */
async function readReceipt(file: string, hashes: KnownHashes): Promise<Receipt | undefined> {
  try {
    const receipt = receiptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const folder = path.join(path.dirname(file), receipt.folder);
    const same = await mapAtOnce(
      Object.entries(receipt.files),
      HASHED_AT_ONCE,
      async ([name, hash]) => (await hashes.hash(path.join(folder, name))) === hash,
    );
    return same.every(Boolean) ? receipt : undefined;
  } catch {
    // Absent, cut short or damaged: it is made anew.
    return undefined;
  }
}

/** Gives the receipt that is in force: another process may have made the same meanwhile. */
async function keep(file: string, receipt: Receipt, hashes: KnownHashes): Promise<Receipt> {
  const whole = `${file}.${receipt.folder}`;
  try {
    await writeFile(whole, JSON.stringify(receipt), { flush: true });
    await link(whole, file);
    return receipt;
  } catch {
    const others = await readReceipt(file, hashes);
    if (others !== undefined) return others;
    // It is damaged; or this disk has no links.
    await rename(whole, file);
    return receipt;
  } finally {
    await rm(whole, { force: true });
  }
}

const receipts = async (cacheDir: string): Promise<readonly string[]> =>
  (await readdir(cacheDir).catch((): string[] => [])).filter((name) => RECEIPT.test(name));

/** Receipts that were not used for the longest time, and folders that no receipt tells of. */
async function forgetOld(cacheDir: string): Promise<void> {
  const dated = await Promise.all(
    (await receipts(cacheDir)).map(async (name) => ({
      name,
      at: await changedAt(path.join(cacheDir, name)),
    })),
  );
  const newestFirst = dated.toSorted((a, b) => b.at - a.at).map(({ name }) => path.join(cacheDir, name));
  const used = new Set(await Promise.all(newestFirst.slice(0, KEPT).map(folderOf)));
  const old = await Promise.all(newestFirst.slice(KEPT).map(folderOf));
  const others = (await readdir(cacheDir)).filter((name) => FOLDER.test(name) && !used.has(name));
  const givenUp: string[] = [];
  for (const name of others) {
    const idle = Date.now() - (await changedAt(path.join(cacheDir, name)));
    if (old.includes(name) || idle > GIVEN_UP_MS) givenUp.push(path.join(cacheDir, name));
  }
  for (const place of [...newestFirst.slice(KEPT), ...givenUp]) {
    await rm(place, { recursive: true, force: true });
  }
}

const folderOf = async (receipt: string): Promise<string | undefined> =>
  readFile(receipt, 'utf8')
    .then((text) => receiptSchema.parse(JSON.parse(text)).folder)
    .catch(() => undefined);

const changedAt = (place: string): Promise<number> =>
  stat(place).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
