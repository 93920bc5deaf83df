// The stamp beside the addon: what was set up, so that each later start checks it in about a millisecond
// and without loading TensorFlow.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TfjsPackage } from './tfjs-package.js';

export interface Stamp {
  /** The cache entry's key, or `own-installer` for what tfjs-node's own installer brought. */
  readonly key: string;
  readonly tensorflow: string;
  /** Bytes by path inside the package; links are followed, so a moved cache shows. */
  readonly files: Readonly<Record<string, number>>;
}

export const OWN_INSTALLER = 'own-installer';

const stampFile = (tfjs: TfjsPackage): string =>
  path.join(path.dirname(tfjs.addonFile), 'h5serve-stamp.json');

export function readStamp(tfjs: TfjsPackage): Stamp | undefined {
  try {
    // Only this file's own writer makes stamps, whole by rename; what is damaged does not parse.
    return JSON.parse(readFileSync(stampFile(tfjs), 'utf8')) as Stamp;
  } catch {
    return undefined;
  }
}

/** True when all that the stamp names is still there, and is what this version of h5serve wants. */
export const stampHolds = (stamp: Stamp, tfjs: TfjsPackage, key: string | undefined): boolean =>
  (stamp.key === key || stamp.key === OWN_INSTALLER) &&
  Object.entries(stamp.files).every(
    ([name, bytes]) => statSync(path.join(tfjs.folder, name), { throwIfNoEntry: false })?.size === bytes,
  );

export function writeStamp(
  tfjs: TfjsPackage,
  key: string,
  tensorflow: string,
  files: readonly string[],
): void {
  const stamp: Stamp = {
    key,
    tensorflow,
    files: Object.fromEntries(files.map((file) => [path.relative(tfjs.folder, file), statSync(file).size])),
  };
  const draft = `${stampFile(tfjs)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(stamp, null, 1)}\n`);
  renameSync(draft, stampFile(tfjs));
}

export const removeStamp = (tfjs: TfjsPackage): void => rmSync(stampFile(tfjs), { force: true });
