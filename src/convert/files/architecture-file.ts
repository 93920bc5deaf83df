// An architecture by itself: what `model.to_json()` gives, or what holds it (a tfjs model.json). Files of weights need one.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors/app-error.js';
import { isObject, type JsonObject } from '../keras/config-reader.js';
import { parseConfig } from '../keras/parse-config.js';

export interface ArchitectureFile {
  readonly config: JsonObject;
  readonly kerasVersion: string | undefined;
}

/** NASNetLarge has 2 MB. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_CANDIDATES = 32;
const MANIFEST = 'manifest.json';

export async function readArchitectureFile(file: string): Promise<ArchitectureFile> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES)
      throw new AppError(
        'config_malformed',
        `${file} has ${size} bytes; an architecture has at most ${MAX_BYTES}`,
      );
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('checkpoint_missing', `the architecture ${file} cannot be read`, {
      cause,
      remedy: 'Check the path; it is the JSON that model.to_json() gives.',
    });
  }
  const found = architectureIn(text);
  if (found !== undefined) return found;
  throw new AppError('config_malformed', `${file} does not hold the architecture of a Keras model`, {
    remedy: 'Write it with `open("model.json", "w").write(model.to_json())`.',
  });
}

/**
 * The architecture that lies beside a file of weights, should nobody name one: the only JSON file there that holds one,
 * or, of several, the one whose name begins as the checkpoint's does.
 */
export async function findArchitecture(checkpoint: string): Promise<string | undefined> {
  const folder = path.dirname(checkpoint);
  const stem = path.basename(checkpoint).replace(/(\.weights)?\.\w+$/i, '');
  // model.json, model.config.json, model_architecture.json beside model.h5; model2.json is another's.
  const isNamesake = (name: string): boolean =>
    name.startsWith(stem) && /^[^\p{L}\p{N}]/u.test(name.slice(stem.length));
  const names = (await readdir(folder)).filter((name) => /\.json$/i.test(name) && name !== MANIFEST);
  const candidates = [...names.filter(isNamesake), ...names.filter((name) => !isNamesake(name))];
  const holding: string[] = [];
  for (const name of candidates.slice(0, MAX_CANDIDATES)) {
    const found = await readArchitectureFile(path.join(folder, name)).catch(() => undefined);
    if (found !== undefined) holding.push(name);
  }
  const [only, ...others] = holding.length === 1 ? holding : holding.filter(isNamesake);
  return only === undefined || others.length > 0 ? undefined : path.join(folder, only);
}

function architectureIn(text: string): ArchitectureFile | undefined {
  let parsed: unknown;
  try {
    parsed = parseConfig(text);
    // json.dump(model.to_json(), file): JSON in a text of JSON.
    if (typeof parsed === 'string') parsed = parseConfig(parsed);
  } catch {
    return undefined;
  }
  // tfjs: { modelTopology: { keras_version, model_config: { class_name, config } } }; some write model_config alone.
  for (const key of ['modelTopology', 'model_config']) {
    if (isObject(parsed) && isObject(parsed[key]))
      parsed = { keras_version: parsed['keras_version'], ...parsed[key] };
  }
  if (isObject(parsed) && parsed['class_name'] === undefined && Array.isArray(parsed['layers']))
    parsed = { class_name: modelClassOf(parsed), config: parsed };
  if (!isObject(parsed) || typeof parsed['class_name'] !== 'string' || parsed['config'] === undefined)
    return undefined;
  const version = parsed['keras_version'];
  return { config: parsed, kerasVersion: typeof version === 'string' ? version : undefined };
}

/** `model.get_config()` says no class; only a model with named ends has calls between its layers. */
const modelClassOf = (config: JsonObject): string =>
  config['output_layers'] === undefined ? 'Sequential' : 'Functional';
