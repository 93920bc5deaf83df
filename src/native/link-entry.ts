// Puts a cache entry to use in this checkout: links the library, copies the small addons, stamps.
import { copyFileSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ownAddonBeside } from './own-addon.js';
import { removeStamp, writeStamp } from './stamp.js';
import type { TfjsPackage } from './tfjs-package.js';

/** The stamp goes first and comes last: a start in between finds nothing that it would trust. */
export function linkEntry(entry: string, key: string, tensorflow: string, tfjs: TfjsPackage): void {
  removeStamp(tfjs);
  const library = path.join(entry, 'deps', 'lib');
  mkdirSync(path.dirname(tfjs.libraryFolder), { recursive: true });
  // tfjs-node's own installer makes a real folder there, which a rename does not replace.
  if (lstatSync(tfjs.libraryFolder, { throwIfNoEntry: false })?.isDirectory() === true) {
    rmSync(tfjs.libraryFolder, { recursive: true });
  }
  const link = `${tfjs.libraryFolder}.${process.pid}`;
  rmSync(link, { force: true });
  symlinkSync(library, link);
  renameSync(link, tfjs.libraryFolder);

  mkdirSync(path.dirname(tfjs.addonFile), { recursive: true });
  // A copy renamed into place: overwriting the file that a running server has mapped would end it.
  const built = [tfjs.addonFile, ownAddonBeside(tfjs.addonFile)];
  for (const file of built) {
    const copy = `${file}.${process.pid}`;
    copyFileSync(path.join(entry, path.relative(tfjs.folder, file)), copy);
    renameSync(copy, file);
  }

  const libraries = readdirSync(library).map((name) => path.join(tfjs.libraryFolder, name));
  writeStamp(tfjs, key, tensorflow, [...built, ...libraries]);
}
