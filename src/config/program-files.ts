// Where files of the program lie. Its code runs from two places (modules for tests, bundles to serve), so that the place
// of a module tells nothing.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const packageRoot = folderWithPackage(path.dirname(fileURLToPath(import.meta.url)));

/** As scripts/build.mjs makes them. */
export const workerFile = (name: 'classify' | 'convert'): string =>
  path.join(packageRoot, 'dist', 'bundle', `${name}.worker.js`);

function folderWithPackage(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : folderWithPackage(path.dirname(folder));
}
