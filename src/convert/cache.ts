// Converted models are kept on disk, each in a folder that a receipt tells of (receipts.ts). What does not match its receipt is
// made anew.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Conversion } from '../contracts/artifact.js';
import type { ConvertOptions, WriteOptions } from '../contracts/conversion.js';
import { AppError } from '../errors/app-error.js';
import { runInThread } from './conversion-thread.js';
import { KnownHashes } from './known-hashes.js';
import { Receipts } from './receipts.js';
import { Source } from './source.js';

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
  const receipts = new Receipts(cacheDir, hashes);
  // Where nothing was converted nothing can be found: the checkpoint is hashed while it is converted.
  if (await receipts.areThere()) {
    const { key, hash: sourceHash } = await source.identity();
    const found = await receipts.use(key);
    if (found !== undefined) {
      await hashes.save();
      const { conversion, folder } = found;
      return { savedModelDir: path.join(cacheDir, folder), sourceHash, conversion, fromCache: true };
    }
  }
  await receipts.removeLeftovers();
  const cached =
    (await convert(request, source, receipts)) ??
    // It was touched; perhaps it was written to the end by then.
    (await convert(request, await Source.of(request, hashes), receipts));
  if (cached === undefined) {
    throw new AppError('checkpoint_damaged', `${request.checkpoint} changed while it was converted`, {
      remedy: 'Start again when it is written; put a new version beside the old one, not over it.',
    });
  }
  await hashes.save();
  await receipts.forgetOld(path.basename(cached.savedModelDir));
  return cached;
}

/** Undefined where somebody touched the checkpoint meanwhile: nobody knows what was read. */
async function convert(
  request: CacheRequest,
  source: Source,
  receipts: Receipts,
): Promise<CachedModel | undefined> {
  const folder = path.join(request.cacheDir, randomUUID());
  let cached: CachedModel | undefined;
  try {
    return (cached = await convertInto(folder, request, source, receipts));
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
  receipts: Receipts,
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
  const inForce = await receipts.keep(key, { folder: path.basename(folder), sourceHash, conversion, files });
  return { savedModelDir: path.join(cacheDir, inForce.folder), sourceHash, conversion, fromCache: false };
}
