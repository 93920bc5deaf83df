// Another checkout's tfjs-node package, and a cache entry made from what is set up here.
import { copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { commitEntry, entryKey } from '../../../src/native/cache-entry.js';
import { ownAddonBeside } from '../../../src/native/own-addon.js';
import { tfjsPackage, type TfjsPackage } from '../../../src/native/tfjs-package.js';
import { wheelPin, type WheelPin } from '../../../src/native/wheel-pin.js';

/** A fresh package folder as `npm ci` leaves it, without tfjs-node's own installer (it would call its host). */
export function freshPackage(folder: string): TfjsPackage {
  const own = tfjsPackage();
  const target = path.join(folder, 'tfjs-node');
  for (const part of ['package.json', 'binding.gyp', 'binding']) {
    cpSync(path.join(own.folder, part), path.join(target, part), { recursive: true });
  }
  symlinkSync(path.resolve(own.folder, '..', '..'), path.join(folder, 'node_modules'));
  return tfjsPackage(target);
}

export function pinned(): WheelPin {
  const pin = wheelPin();
  if (pin === undefined) throw new Error('no wheel is pinned for this platform');
  return pin;
}

/** An entry in `cacheDir` with the real addon and links to the real libraries. */
export async function fillCache(cacheDir: string): Promise<string> {
  const own = tfjsPackage();
  const partial = path.join(cacheDir, 'made-by-a-test');
  const addon = path.join(partial, path.relative(own.folder, own.addonFile));
  const libraries = path.join(partial, 'deps', 'lib');
  mkdirSync(path.dirname(addon), { recursive: true });
  mkdirSync(libraries, { recursive: true });
  copyFileSync(own.addonFile, addon);
  copyFileSync(ownAddonBeside(own.addonFile), ownAddonBeside(addon));
  for (const name of readdirSync(own.libraryFolder)) {
    symlinkSync(realpathSync(path.join(own.libraryFolder, name)), path.join(libraries, name));
  }
  const entry = path.join(cacheDir, entryKey(pinned(), own));
  await commitEntry(partial, entry, pinned().version);
  return entry;
}
