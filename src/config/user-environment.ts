// What the surroundings say outside the settings table: whose cache, which interpreter, which allocator.
// Read apart from loadConfig, so that `setup` and `doctor` still work when a setting is wrong.
import os from 'node:os';
import path from 'node:path';
import { readDotEnv } from './dot-env.js';
import type { Environment } from './resolve.js';

export interface UserEnvironment {
  /** H5SERVE_CACHE, else h5serve in the user's cache folder. */
  readonly cacheDir: string;
  readonly python: string;
  /** CXX, where the user names a compiler. */
  readonly compiler: string | undefined;
  readonly mallocArenas: string | undefined;
}

const text = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** A .env that cannot be read is told of by whoever loads the settings. */
function processEnvironment(): Environment {
  try {
    return { ...readDotEnv(), ...process.env };
  } catch {
    return process.env;
  }
}

export function userEnvironment(environment: Environment = processEnvironment()): UserEnvironment {
  const xdg = text(environment['XDG_CACHE_HOME']);
  // The XDG specification: a relative path is invalid and must be ignored.
  const userCache = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.cache');
  return {
    cacheDir: path.resolve(text(environment['H5SERVE_CACHE']) ?? path.join(userCache, 'h5serve')),
    python: text(environment['PYTHON']) ?? 'python3',
    compiler: text(environment['CXX']),
    mallocArenas: text(environment['MALLOC_ARENA_MAX']),
  };
}

/** This process's environment with additions, for a child process. */
export const childEnvironment = (
  additions: Environment,
  environment: Environment = process.env,
): NodeJS.ProcessEnv => ({ ...environment, ...additions });

/** PATH with a folder in front. */
export const pathWith = (folder: string, environment: Environment = process.env): string =>
  [folder, environment['PATH']].filter((part) => part !== undefined && part !== '').join(path.delimiter);
