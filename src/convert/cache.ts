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
  const source = await Source.of(request, hashes);
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
  await removeLeftovers(cacheDir).catch(() => undefined);
  const cached =
    (await convert(request, source, hashes)) ??
    // It was touched; perhaps it was written to the end by then.
    (await convert(request, await Source.of(request, hashes), hashes));
  if (cached === undefined) {
    throw new AppError('checkpoint_damaged', `${request.checkpoint} changed while it was converted`, {
      remedy: 'Start again when it is written; put a new version beside the old one, not over it.',
    });
  }
  // What is not ours to remove, or is removed by another process, stays for later.
  await forgetOld(cacheDir, cached).catch(() => undefined);
  return cached;
}

/** Undefined where somebody touched the checkpoint meanwhile: nobody knows what was read. */
async function convert(
  request: CacheRequest,
  source: Source,
  hashes: KnownHashes,
): Promise<CachedModel | undefined> {
  const folder = path.join(request.cacheDir, randomUUID());
  let cached: CachedModel | undefined;
  try {
    return (cached = await convertInto(folder, request, source, hashes));
  } finally {
    // A converter that was stopped may still be writing a file.
    if (cached?.savedModelDir !== folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function convertInto(
  folder: string,
  request: CacheRequest,
  source: Source,
  hashes: KnownHashes,
): Promise<CachedModel | undefined> {
  const { cacheDir, weights, whileConverting, ...options } = request;
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new AppError('engine_failed', `the cache folder ${cacheDir} cannot be written to`, {
      cause,
      remedy: 'Set CACHE_DIR to a folder that can be written to.',
    });
  }
  const task = { kind: 'convert', options: { ...options, write: { folder, weights } } } as const;
  const [identity, converted] = await Promise.allSettled([
    source.identity(),
    runInThread(task, {}, whileConverting),
  ]);
  // What is wrong with the file itself is told first.
  if (identity.status === 'rejected') throw identity.reason;
  const { key, hash: sourceHash } = identity.value;
  if (await source.wasTouched()) return undefined;
  if (converted.status === 'rejected') throw converted.reason;
  const { files, ...conversion } = converted.value;
  await Promise.all(Object.entries(files).map(([name, hash]) => hashes.learn(path.join(folder, name), hash)));
  const receipt: Receipt = { folder: path.basename(folder), sourceHash, conversion, files };
  const inForce = await keep(path.join(cacheDir, `${key}.json`), receipt, hashes);
  await hashes.save();
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
    const linked = await link(whole, file).then(
      () => true,
      () => false,
    );
    if (linked) return receipt;
    const others = await readReceipt(file, hashes);
    if (others !== undefined) return others;
    // It is damaged; or this disk has no links, and another process may do the same in this moment.
    await rename(whole, file);
    return (await readReceipt(file, hashes)) ?? receipt;
  } finally {
    await rm(whole, { force: true }).catch(() => undefined);
  }
}

const receipts = async (cacheDir: string): Promise<readonly string[]> =>
  (await readdir(cacheDir).catch((): string[] => [])).filter((name) => RECEIPT.test(name));

/** The receipts that were not used for the longest time, and their folders. */
async function forgetOld(cacheDir: string, { savedModelDir }: CachedModel): Promise<void> {
  const told = await readFolders(cacheDir);
  const others = told.filter(({ folder }) => folder !== path.basename(savedModelDir));
  for (const { receipt, folder } of others.toSorted((a, b) => b.at - a.at).slice(KEPT - 1)) {
    await rm(receipt, { force: true });
    await rm(path.join(cacheDir, folder), { recursive: true, force: true });
  }
}

/** Of conversions that were cut short, and of earlier versions. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  const told = new Set((await readFolders(cacheDir)).map(({ folder }) => folder));
  for (const name of await readdir(cacheDir)) {
    const place = path.join(cacheDir, name);
    if (!OURS.test(name) || RECEIPT.test(name) || told.has(name) || !(await isGivenUp(place))) continue;
    await rm(place, { recursive: true, force: true });
  }
}

/** What receipts tell. One that cannot be read may tell of any folder: then nothing is known. */
async function readFolders(cacheDir: string): Promise<readonly Told[]> {
  const told: Told[] = [];
  for (const name of await receipts(cacheDir)) {
    const receipt = path.join(cacheDir, name);
    const { folder } = folderIn(await readFile(receipt, 'utf8'));
    if (folder === undefined) await rm(receipt, { force: true });
    else told.push({ receipt, folder, at: (await stat(receipt)).mtimeMs });
  }
  return told;
}

interface Told {
  readonly receipt: string;
  readonly folder: string;
  readonly at: number;
}

/** None in a receipt that was cut short: nobody goes by it. */
function folderIn(receipt: string): { readonly folder?: string } {
  try {
    return z.object({ folder: z.uuid() }).parse(JSON.parse(receipt));
  } catch {
    return {};
  }
}

async function isGivenUp(place: string): Promise<boolean> {
  const isWhole = await stat(path.join(place, 'saved_model.pb')).then(
    () => true,
    () => false,
  );
  return Date.now() - (await stat(place)).mtimeMs > (isWhole ? WEEK_MS : HOUR_MS);
}
