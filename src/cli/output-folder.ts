// A folder that is written whole or not at all: made beside its place and renamed into it.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors/app-error.js';

export interface FolderOptions {
  /** Whether a SavedModel that is there already may be replaced. */
  readonly force: boolean;
}

export async function writeFolder<T>(
  out: string,
  { force }: FolderOptions,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  const place = path.resolve(out);
  await refuseOthers(place, force);
  const temporary = `${place}.${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true }).catch((cause: unknown) => {
      throw new AppError('usage', `convert: ${out} cannot be written to`, {
        cause,
        remedy: 'Name a folder that can be written to.',
      });
    });
    const result = await write(temporary);
    await moveInto(place, temporary);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** `--force` replaces a SavedModel, never anything else: a slip of the hand must not cost a home folder. */
async function refuseOthers(place: string, force: boolean): Promise<void> {
  const names = await entriesOf(place);
  if (names.length === 0) return;
  if (!names.includes('saved_model.pb')) {
    throw new AppError('usage', `convert: ${place} is there already, and is not a SavedModel`, {
      remedy: 'Name a new folder.',
    });
  }
  if (!force) {
    throw new AppError('usage', `convert: ${place} holds a SavedModel already`, {
      remedy: 'Name a new folder, or replace it with --force.',
    });
  }
}

async function moveInto(place: string, temporary: string): Promise<void> {
  const replaced = `${place}.${randomUUID()}`;
  const wasThere = await rename(place, replaced).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, place);
  } catch (error) {
    if (wasThere) await rename(replaced, place);
    throw error;
  }
  if (wasThere) await rm(replaced, { recursive: true, force: true });
}

/** A file counts as a folder with something in it. */
async function entriesOf(place: string): Promise<readonly string[]> {
  try {
    return await readdir(place);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' ? [] : [path.basename(place)];
  }
}

export async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
