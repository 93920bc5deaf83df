// The models on disk. Canonical: <model>/<version>/checkpoint; a checkpoint in <model>/, or lying loose, is version 1.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors/app-error.js';
import { manifestSchema, parseManifest, type Manifest } from './manifest.js';

export interface ModelSource {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Where the folder does not tell: a loose checkpoint, or one that a setting names. */
  readonly files?: ModelFiles;
}

export interface ModelFiles {
  readonly checkpoint: string;
  readonly labels?: string;
  readonly manifest?: string;
  readonly architecture?: string;
}

export interface ModelDefinition {
  readonly checkpoint: string;
  /** Where the manifest names one. */
  readonly architecture: string | undefined;
  readonly manifest: Manifest;
  /** Undefined: nobody named the classes. */
  readonly labels: readonly string[] | undefined;
}

/** A SavedModel is known by its saved_model.pb, a model of TensorFlow.js by its model.json. */
export const CHECKPOINT = /\.(h5|hdf5|keras|pb)$|^model\.json$/i;
/** TensorFlow and Keras put them beside saved_model.pb, for their own use. */
const NO_CHECKPOINT = new Set(['fingerprint.pb', 'keras_metadata.pb']);
/** Beside a file of weights it is their architecture. */
const TFJS = 'model.json';
/** A SavedModel may be a folder in the version's folder. */
const SAVED_MODEL = 'saved_model';
export const LABEL_FILE = 'labels.txt';
export const MANIFEST_FILE = 'manifest.json';
export const FIRST_VERSION = '1';
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** Every model version under `root`, models by name, versions from the oldest to the newest. */
export async function listModels(root: string): Promise<readonly ModelSource[]> {
  const sources: ModelSource[] = [];
  for (const entry of await visibleEntries(root)) {
    const place = path.join(root, entry.name);
    if (entry.isDirectory()) sources.push(...(await versionsIn(place, safeName(entry.name))));
    else if (isCheckpoint(entry.name)) {
      const name = safeName(entry.name.replace(CHECKPOINT, ''));
      sources.push({ name, version: FIRST_VERSION, folder: root, files: { checkpoint: place } });
    }
  }
  return sources.toSorted((a, b) => byName(a.name, b.name) || byName(a.version, b.version));
}

async function versionsIn(folder: string, name: string): Promise<readonly ModelSource[]> {
  if ((await checkpointsIn(folder)).length > 0) return [{ name, version: FIRST_VERSION, folder }];
  return (await visibleEntries(folder))
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name, version: safeName(entry.name), folder: path.join(folder, entry.name) }));
}

const isCheckpoint = (name: string): boolean => CHECKPOINT.test(name) && !NO_CHECKPOINT.has(name);

async function checkpointsIn(folder: string): Promise<readonly string[]> {
  const entries = await visibleEntries(folder);
  return entries
    .filter((entry) => (entry.isDirectory() ? entry.name === SAVED_MODEL : isCheckpoint(entry.name)))
    .map((entry) => entry.name);
}

async function visibleEntries(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => !entry.name.startsWith('.'));
}

/** Names stand in URLs, logs and metrics: what does not fit there becomes a dash. */
export const safeName = (name: string): string =>
  name
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64) || 'model';

/** v2 before v10. */
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

export async function readDefinition(source: ModelSource): Promise<ModelDefinition> {
  const { folder, files } = source;
  const manifestFile = files === undefined ? path.join(folder, MANIFEST_FILE) : files.manifest;
  const manifest = await readManifest(manifestFile);
  // What a manifest names lies beside it.
  const place = manifestFile === undefined ? folder : path.dirname(manifestFile);
  const named = manifest.architecture === undefined ? undefined : path.join(place, manifest.architecture);
  return {
    checkpoint: files?.checkpoint ?? (await findCheckpoint(folder, manifest)),
    architecture: files?.architecture ?? named,
    manifest,
    labels: await readLabels(place, manifest, files),
  };
}

export async function readManifest(file: string | undefined): Promise<Manifest> {
  const text = file === undefined ? undefined : await readOptional(file);
  return text === undefined || file === undefined ? manifestSchema.parse({}) : parseManifest(text, file);
}

export async function findCheckpoint(folder: string, manifest: Manifest): Promise<string> {
  const names = await checkpointsIn(folder);
  const [only, ...others] = names.length === 1 ? names : names.filter((name) => name !== TFJS);
  const wanted = manifest.checkpoint ?? (others.length === 0 ? only : undefined);
  if (wanted !== undefined && names.includes(wanted)) return path.join(folder, wanted);
  const found = names.length === 0 ? 'none' : names.join(', ');
  throw new AppError(
    'checkpoint_missing',
    `${folder}: expected ${manifest.checkpoint ?? 'one .h5, .hdf5, .keras or .pb file, model.json or saved_model'}, found ${found}`,
    {
      ...(names.length > 1
        ? { remedy: 'Name the one to serve in the manifest: "checkpoint": "model.h5".' }
        : {}),
    },
  );
}

async function readLabels(
  folder: string,
  manifest: Manifest,
  files: ModelFiles | undefined,
): Promise<readonly string[] | undefined> {
  if (files?.labels !== undefined) return parseLabels((await readOptional(files.labels)) ?? '');
  if (Array.isArray(manifest.labels)) return manifest.labels;
  // A loose file has no folder of its own in which labels.txt would be meant for it.
  if (files !== undefined && manifest.labels === undefined) return undefined;
  const file = path.join(folder, manifest.labels ?? LABEL_FILE);
  const text = await readOptional(file);
  if (text === undefined) {
    if (manifest.labels === undefined) return undefined;
    throw new AppError('labels_mismatch', `${file} is named in the manifest and does not exist`);
  }
  return parseLabels(text);
}

/** One label a line. Teachable Machine writes `0 cat`: where every line begins with its own number, it is dropped. */
export function parseLabels(text: string): readonly string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const numbered = lines.length > 0 && lines.every((line, at) => new RegExp(`^${at}[\\s:,]+\\S`).test(line));
  return numbered ? lines.map((line) => line.replace(/^\d+[\s:,]+/, '')) : lines;
}

/** Undefined where there is none. */
export async function readOptional(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > MAX_TEXT_BYTES)
      throw new AppError('manifest_invalid', `${file} is larger than 4 MB`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
