// Converted models are kept on disk, under the hash of all that shaped them. An entry is there whole or not at all:
// it is made in a folder of its own and renamed; what does not match its receipt is made anew.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { conversionSchema, type Conversion } from '../contracts/artifact.js';
import type { ConvertOptions, WriteOptions } from '../contracts/conversion.js';
import { mapAtOnce } from '../contracts/map-at-once.js';
import { AppError, toAppError } from '../errors/app-error.js';
import { sourceFiles } from './checkpoint-kind.js';
import { ConversionThread } from './conversion-thread.js';
import { findArchitecture } from './files/architecture-file.js';
import { KnownHashes } from './known-hashes.js';

/** Raise it when the same checkpoint would convert to another graph: every older entry is then stale. */
const CONVERTER_VERSION = 13;
/** Entries kept per model version: other settings of the same model may be in use beside us. */
const KEPT = 3;
const RECEIPT = 'receipt.json';
/** While one file is hashed, others are read. */
const HASHED_AT_ONCE = 4;

const receiptSchema = z.object({
  sourceHash: z.string(),
  conversion: conversionSchema,
  /** SHA-256 of each file, by its name below the entry. */
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
  const hashes = await KnownHashes.in(request.cacheDir);
  const thread = new ConversionThread();
  // Nothing can have been converted: the thread gets ready while the checkpoint is hashed.
  if (hashes.isEmpty) thread.start();
  try {
    return await findOrConvert(request, hashes, thread);
  } finally {
    await thread.close();
  }
}

async function findOrConvert(
  { cacheDir, weights, whileConverting, ...request }: CacheRequest,
  hashes: KnownHashes,
  thread: ConversionThread,
): Promise<CachedModel> {
  const sourceHash = await hashCheckpoint(request.checkpoint, hashes);
  const { precision, maxParameters, head, graph } = request;
  const beside = request.architecture ?? (await findArchitecture(request.checkpoint).catch(() => undefined));
  const architecture = beside === undefined ? null : await hashes.hash(beside);
  const settings = { precision, maxParameters, head, graph, architecture, weights };
  const key = createHash('sha256')
    // The folder is part of the key: the graph names its weights by absolute path.
    .update(JSON.stringify([CONVERTER_VERSION, sourceHash, settings, path.resolve(cacheDir)]))
    .digest('hex')
    .slice(0, 20);
  const entry = path.join(cacheDir, key);
  const found = await readEntry(entry, hashes);
  if (found !== undefined) {
    await hashes.save();
    const now = new Date();
    await utimes(entry, now, now).catch(() => undefined);
    return { savedModelDir: entry, sourceHash, conversion: found.conversion, fromCache: true };
  }

  const temporary = path.join(cacheDir, `.${key}.${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true });
    // Of the checkpoint: the next start need not read it again.
    await hashes.save();
  } catch (cause) {
    throw new AppError('engine_failed', `the cache folder ${cacheDir} cannot be written to`, {
      cause,
      remedy: 'Set CACHE_DIR to a folder that can be written to.',
    });
  }
  try {
    const write: WriteOptions = { folder: temporary, finalFolder: entry, weights };
    const conversion = await thread.run({ kind: 'convert', options: { ...request, write } }, whileConverting);
    const receipt: Receipt = { sourceHash, conversion, files: await hashFiles(temporary, hashes) };
    await writeFile(path.join(temporary, RECEIPT), JSON.stringify(receipt), { flush: true });
    await replace(temporary, entry, hashes);
    await forgetOld(cacheDir, key);
    return { savedModelDir: entry, sourceHash, conversion, fromCache: false };
  } finally {
    // A converter that was stopped may still be writing a file.
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The receipt of an entry whose every file is as it was written. */
async function readEntry(entry: string, known: KnownHashes): Promise<Receipt | undefined> {
  try {
    const receipt = receiptSchema.parse(JSON.parse(await readFile(path.join(entry, RECEIPT), 'utf8')));
    const hashes = await hashFiles(entry, known);
    const same = Object.entries(receipt.files).every(([name, hash]) => hashes[name] === hash);
    return same ? receipt : undefined;
  } catch {
    // Absent, cut short or damaged: it is made anew.
    return undefined;
  }
}

async function replace(temporary: string, entry: string, hashes: KnownHashes): Promise<void> {
  try {
    await rename(temporary, entry);
  } catch {
    // Another process made the same entry meanwhile; or a damaged one lies there.
    if ((await readEntry(entry, hashes)) !== undefined) return;
    await rm(entry, { recursive: true, force: true });
    await rename(temporary, entry);
  }
}

async function forgetOld(cacheDir: string, current: string): Promise<void> {
  const names = (await readdir(cacheDir)).filter((name) => !name.startsWith('.') && name !== current);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(path.join(cacheDir, name))).mtimeMs })),
  );
  const old = dated.toSorted((a, b) => b.at - a.at).slice(KEPT - 1);
  await Promise.all(old.map(({ name }) => rm(path.join(cacheDir, name), { recursive: true, force: true })));
}

async function hashFiles(folder: string, known: KnownHashes): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== RECEIPT)
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const hashed = await mapAtOnce(names, HASHED_AT_ONCE, async (name) => {
    return [name, await known.hash(path.join(folder, name))] as const;
  });
  return Object.fromEntries(hashed);
}

/** Of one file its own hash; of several the hash of all of them, with their places beside the first. */
async function hashCheckpoint(checkpoint: string, hashes: KnownHashes): Promise<string> {
  try {
    const [main = checkpoint, ...companions] = await sourceFiles(checkpoint);
    const own = await hashes.hash(main);
    if (companions.length === 0) return own;
    const all = createHash('sha256').update(own);
    for (const file of companions)
      all.update(JSON.stringify([path.relative(path.dirname(main), file), await hashes.hash(file)]));
    return all.digest('hex');
  } catch (error) {
    throw toAppError(error, 'checkpoint_missing');
  }
}
