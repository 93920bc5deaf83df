// The set-up step of commands that need TensorFlow: milliseconds when it is done already.
import path from 'node:path';
import { ensureNative } from '../native/setup.js';
import { terminalProgress } from '../observability/terminal-progress.js';

/** In `cacheDir`, where a flag says so. */
export async function setUpNative(cacheDir?: string): Promise<void> {
  const progress = terminalProgress();
  try {
    await ensureNative({ progress, ...(cacheDir === undefined ? {} : { cacheDir: path.resolve(cacheDir) }) });
  } finally {
    progress.close();
  }
}
