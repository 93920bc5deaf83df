// Where tfjs-node lives on disk, read from its own package.json; none of its code is loaded.
// No schema library here: every worker thread imports this file through addon.ts.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../errors/app-error.js';

export interface TfjsPackage {
  readonly folder: string;
  readonly version: string;
  /** The Node-API level the addon is built for on this Node. */
  readonly napi: number;
  readonly addonFile: string;
  /** The folder that the addon's run path ($ORIGIN/../../deps/lib) names. */
  readonly libraryFolder: string;
}

interface Manifest {
  readonly version: string;
  readonly binary: {
    readonly module_name: string;
    readonly module_path: string;
    readonly napi_versions: number[];
  };
}

function findFolder(): string {
  try {
    return path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
  } catch (cause) {
    throw new AppError('native_missing', 'The package @tensorflow/tfjs-node is not installed.', {
      cause,
      remedy: 'Run `npm ci` in the project folder.',
    });
  }
}

/** node-pre-gyp finds the same path, but loading it takes longer than the whole check at start. */
export function tfjsPackage(folder = findFolder()): TfjsPackage {
  // The version is pinned in package.json and its manifest never changes: this is a guarded boundary.
  const { version, binary } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const supported = Number(process.versions['napi']);
  const napi = Math.max(...binary.napi_versions.filter((level) => level <= supported));
  const moduleFolder = binary.module_path.replace('{napi_build_version}', String(napi));
  return {
    folder,
    version,
    napi,
    addonFile: path.join(folder, moduleFolder, `${binary.module_name}.node`),
    libraryFolder: path.join(folder, 'deps', 'lib'),
  };
}
