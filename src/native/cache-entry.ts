// The per-user cache of prepared libraries, so that a second checkout neither downloads nor compiles.
//
//   <cache>/<key>/deps/lib, deps/include   the library and its headers
//   <cache>/<key>/lib/napi-v8/*.node       the addon and our own, where they stand in tfjs-node too
//   <cache>/<key>/receipt.json             written last: names every file that must be there
//   <cache>/<key>.partial-XXXXXX           an entry in the making; nobody trusts it
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { platformName, type WheelPin } from './wheel-pin.js';
import type { TfjsPackage } from './tfjs-package.js';

const RECEIPT = 'receipt.json';
const PARTIAL = '.partial-';

export interface Receipt {
  readonly tensorflow: string;
  /** Bytes of every file, by its path inside the entry. */
  readonly files: Readonly<Record<string, number>>;
}

/** Of src/native/own: one more compiles it anew everywhere. */
const OWN_REVISION = 8;

export const entryKey = (pin: WheelPin, tfjs: TfjsPackage): string =>
  [
    `tensorflow-${pin.version}`,
    pin.sha256.slice(0, 12),
    `tfjs-node-${tfjs.version}`,
    platformName,
    `napi${tfjs.napi}`,
    // Our own uses V8's interface, which is another in each Node.
    `node${process.versions.modules}`,
    `own${OWN_REVISION}`,
  ].join('-');

const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;

const isReceipt = (value: unknown): value is Receipt =>
  typeof value === 'object' && value !== null && 'files' in value && 'tensorflow' in value;

export type EntryState =
  { readonly state: 'absent' | 'damaged' } | { readonly state: 'complete'; readonly receipt: Receipt };

/** An entry counts only when its receipt is there and each file has the size that the receipt names. */
export function readEntry(entry: string): EntryState {
  let receipt: unknown;
  try {
    receipt = JSON.parse(readFileSync(path.join(entry, RECEIPT), 'utf8'));
  } catch {
    return { state: statSync(entry, { throwIfNoEntry: false }) === undefined ? 'absent' : 'damaged' };
  }
  if (!isReceipt(receipt)) return { state: 'damaged' };
  const whole = Object.entries(receipt.files).every(
    ([name, bytes]) => sizeOf(path.join(entry, name)) === bytes,
  );
  return whole ? { state: 'complete', receipt } : { state: 'damaged' };
}

export async function openPartial(cacheDir: string, key: string): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  return mkdtemp(path.join(cacheDir, `${key}${PARTIAL}`));
}

/** Only under the cache's lock: then no living process prepares an entry, and each one found is a dead one's. */
export async function sweepPartials(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir);
  for (const name of names.filter((candidate) => candidate.includes(PARTIAL))) {
    await rm(path.join(cacheDir, name), { recursive: true, force: true });
  }
}

/** Writes the receipt and moves the finished entry into its place in one step. */
export async function commitEntry(partial: string, entry: string, tensorflow: string): Promise<void> {
  const files: Record<string, number> = {};
  for (const found of await readdir(partial, { recursive: true, withFileTypes: true })) {
    const file = path.join(found.parentPath, found.name);
    if (!found.isDirectory()) files[path.relative(partial, file)] = (await stat(file)).size;
  }
  const receipt: Receipt = { tensorflow, files };
  await writeFile(path.join(partial, RECEIPT), `${JSON.stringify(receipt, null, 1)}\n`);
  const discarded = `${entry}${PARTIAL}old-${process.pid}`;
  // A folder cannot be renamed over another; what a running server has mapped of the old one stays valid.
  if (statSync(entry, { throwIfNoEntry: false }) !== undefined) await rename(entry, discarded);
  await rename(partial, entry);
  await rm(discarded, { recursive: true, force: true });
}
