// One model that a setting or the command line names, in place of a folder of models.
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors/app-error.js';
import { looksLikeManifest } from './manifest.js';
import {
  CHECKPOINT,
  findCheckpoint,
  FIRST_VERSION,
  LABEL_FILE,
  MANIFEST_FILE,
  readManifest,
  readOptional,
  safeName,
  type ModelFiles,
  type ModelSource,
} from './repository.js';

/** As the settings name them. */
export interface SingleModelPaths {
  readonly MODEL_PATH: string;
  readonly LABELS_PATH?: string | undefined;
  readonly MANIFEST_PATH?: string | undefined;
  readonly ARCHITECTURE_PATH?: string | undefined;
}

/** Names that formats prescribe say nothing of the model: its folder's name does. */
const PRESCRIBED = new Set(['model.json', 'saved_model.pb']);

export async function singleModel(
  paths: SingleModelPaths,
  notice: (text: string) => void = () => undefined,
): Promise<ModelSource> {
  await Promise.all(Object.entries(paths).map(([setting, file]) => mustBeReadable(setting, file as unknown)));
  const given = path.resolve(paths.MODEL_PATH);
  const isFolder = (await stat(given)).isDirectory();
  const folder = isFolder ? given : path.dirname(given);
  const manifest =
    paths.MANIFEST_PATH ?? (await manifestBeside(folder, isFolder ? undefined : given, notice));
  const labels = paths.LABELS_PATH ?? (await labelsBeside(folder, manifest));
  const checkpoint = isFolder ? await findCheckpoint(given, await readManifest(manifest)) : given;
  const files: ModelFiles = {
    checkpoint,
    ...(labels === undefined ? {} : { labels }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(paths.ARCHITECTURE_PATH === undefined ? {} : { architecture: paths.ARCHITECTURE_PATH }),
  };
  const fromFolder = isFolder || PRESCRIBED.has(path.basename(given).toLowerCase());
  return { ...(fromFolder ? nameOfFolder(folder) : nameOfFile(given)), folder, files };
}

async function mustBeReadable(setting: string, file: unknown): Promise<void> {
  if (typeof file !== 'string') return;
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new AppError('config_invalid', `${setting}: ${path.resolve(file)} cannot be read`, { cause });
  }
  if (setting !== 'MODEL_PATH' && (await stat(file)).isDirectory()) {
    throw new AppError('config_invalid', `${setting}: ${path.resolve(file)} is a folder; expected a file`);
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Unless it is another checkpoint's, or another program's: many keep a file of that name. */
async function manifestBeside(
  folder: string,
  checkpoint: string | undefined,
  notice: (text: string) => void,
): Promise<string | undefined> {
  const file = path.join(folder, MANIFEST_FILE);
  if (!(await exists(file))) return undefined;
  if (checkpoint !== undefined && !looksLikeManifest((await readOptional(file)) ?? '')) {
    notice(
      `${file} does not look like a manifest of ours (docs/models.md): it is taken for another program's`,
    );
    return undefined;
  }
  const named = (await readManifest(file)).checkpoint;
  const ours = checkpoint === undefined || named === undefined || named === path.basename(checkpoint);
  return ours ? file : undefined;
}

async function labelsBeside(folder: string, manifest: string | undefined): Promise<string | undefined> {
  if ((await readManifest(manifest)).labels !== undefined) return undefined;
  const file = path.join(folder, LABEL_FILE);
  return (await exists(file)) ? file : undefined;
}

const nameOfFile = (file: string) => ({
  name: safeName(path.basename(file).replace(CHECKPOINT, '')),
  version: FIRST_VERSION,
});

/** saved_models/digits/v1 is digits, v1. */
function nameOfFolder(folder: string) {
  const own = path.basename(folder);
  return /^v?\d+$/i.test(own)
    ? { name: safeName(path.basename(path.dirname(folder))), version: safeName(own) }
    : { name: safeName(own), version: FIRST_VERSION };
}
