// Makes one cache entry: download, check, unpack, compile, prove. All of it in a folder that nobody trusts.
import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Progress } from '../contracts/progress.js';
import { AppError } from '../errors/app-error.js';
import { buildAddon, OWN_SOURCES } from './build-addon.js';
import { commitEntry, openPartial, sweepPartials } from './cache-entry.js';
import { proveAddon } from './prove-addon.js';
import type { TfjsPackage } from './tfjs-package.js';
import { rootHeaders, unpackWheel } from './unpack.js';
import { fetchWheel } from './wheel.js';
import type { WheelPin } from './wheel-pin.js';

/** The wheel, the library unpacked beside it, and the compiler's files: 1.13 GB, and some air. */
const NEEDED_BYTES = 1_200_000_000;

export interface PrepareOptions {
  readonly cacheDir: string;
  readonly key: string;
  readonly pin: WheelPin;
  readonly tfjs: TfjsPackage;
  readonly python: string;
  readonly compiler: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function checkSpace(cacheDir: string): Promise<void> {
  const { bavail, bsize } = await statfs(cacheDir);
  const free = bavail * bsize;
  if (free >= NEEDED_BYTES) return;
  throw new AppError(
    'native_setup_failed',
    `Preparing TensorFlow takes ${NEEDED_BYTES / 1e9} GB in ${cacheDir}; ${(free / 1e9).toFixed(2)} GB are free.`,
    { remedy: 'Free some space, or set H5SERVE_CACHE to a folder on a larger disk.' },
  );
}

/** Returns the TensorFlow version that the finished entry answers with. Call it under the cache's lock. */
export async function prepareEntry(options: PrepareOptions): Promise<string> {
  const { cacheDir, key, pin, tfjs, python, compiler, progress, signal } = options;
  await sweepPartials(cacheDir);
  await checkSpace(cacheDir);
  const partial = await openPartial(cacheDir, key);
  try {
    const download = path.join(partial, 'download');
    await mkdir(download);
    const wheel = await fetchWheel({ pin, folder: download, python, progress, signal });
    const roots = await rootHeaders(path.join(tfjs.folder, 'binding'), OWN_SOURCES);
    await unpackWheel({ wheel, target: path.join(partial, 'deps'), roots, progress, signal });
    await rm(download, { recursive: true });

    const addon = await buildAddon({ tfjs, entry: partial, python, compiler, progress, signal });
    progress.step('Loading it once');
    const proof = await proveAddon(addon, signal);
    if (!proof.loads) {
      throw new AppError('native_setup_failed', `The addon was built but does not load:\n${proof.reason}`, {
        remedy:
          'The system’s C or C++ library may be too old (glibc 2.27 or later is needed); try a newer base image.',
      });
    }
    progress.done(`TensorFlow ${proof.tensorflow}`);
    await commitEntry(partial, path.join(cacheDir, key), proof.tensorflow);
    return proof.tensorflow;
  } finally {
    // Retried: what an ended child was writing may still appear.
    await rm(partial, { recursive: true, force: true, maxRetries: 5 });
  }
}
