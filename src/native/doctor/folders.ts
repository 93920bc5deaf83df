// What the doctor finds about folders: may h5serve write there, what they hold, how much room is left.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/schema.js';
import { gigabytes, missing, ok, warning, type Finding } from './finding.js';

/** The folder itself, or the nearest parent that exists: where it would be made. */
function nearest(folder: string): string {
  const absolute = path.resolve(folder);
  return existsSync(absolute) ? absolute : nearest(path.dirname(absolute));
}

export function isWritable(folder: string): boolean {
  try {
    accessSync(nearest(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function examineFolder(name: string, folder: string, setting: string): Finding {
  return isWritable(folder)
    ? ok(name, existsSync(folder) ? folder : `${folder} (made when needed)`)
    : missing(
        name,
        `${folder} cannot be written`,
        `Give this user the right to write there, or set ${setting} to another folder.`,
      );
}

export function examineModels({ MODEL_PATH, MODELS_DIR }: Config): Finding {
  const [place, remedy] =
    MODEL_PATH === undefined
      ? [MODELS_DIR, 'Make it and put models there, or set MODELS_DIR to where they are.']
      : [MODEL_PATH, 'Set MODEL_PATH to where the checkpoint is.'];
  return existsSync(place) ? ok('Models', place) : warning('Models', `${place} does not exist`, remedy);
}

async function sizeOf(folder: string): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);
}

/** A read-only cache is fine once TensorFlow stands in it. */
export async function examineCache(folder: string, needed: boolean): Promise<Finding> {
  const name = 'TensorFlow cache';
  const size = existsSync(folder) ? await sizeOf(folder) : 0;
  const value = `${folder} (${size === 0 ? 'empty' : gigabytes(size)})`;
  if (isWritable(folder)) return ok(name, value);
  const remedy = 'Give this user the right to write there, or set H5SERVE_CACHE to another folder.';
  return needed ? missing(name, `${value} cannot be written`, remedy) : ok(name, `${value}, read-only`);
}

/** Set-up needs 1.2 GB; logs and converted models need some room always. */
export function examineDisk(folder: string, needed: boolean): Finding {
  const { bavail, bsize } = statfsSync(nearest(folder));
  const free = bavail * bsize;
  const wanted = needed ? 1.2e9 : 2e8;
  return free >= wanted
    ? ok('Free disk', gigabytes(free))
    : warning(
        'Free disk',
        gigabytes(free),
        `Free some space: ${gigabytes(wanted)} are wanted for ${folder}.`,
      );
}
