// What a checkpoint is, by its first bytes and whatever its name says, and which files belong to it.
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors/app-error.js';

export type CheckpointKind = 'keras' | 'saved-model' | 'frozen-graph' | 'tfjs';

interface Kind {
  readonly kind: CheckpointKind;
  readonly begins: (start: Buffer) => boolean;
  /** Files beside the one that is named. */
  readonly companions: (file: string) => Promise<readonly string[]>;
}

const alone = (): Promise<readonly string[]> => Promise.resolve([]);

/** The first that fits; protocol buffers begin with the number and the type of their first field. */
const KINDS: readonly Kind[] = [
  // SavedModel: field 1, a number: the version of its schema, which is 1.
  {
    kind: 'saved-model',
    begins: (start) => start[0] === 0x08 && start[1] === 0x01,
    companions: variableFiles,
  },
  // GraphDef: field 1, a node, and its length; in it field 1, a name, and its length. Could look like JSON for a start.
  {
    kind: 'frozen-graph',
    begins: (start) => /^\n[\x80-\xff]*[^]\n[\x80-\xff]*[^][\w.]/.test(start.toString('latin1')),
    companions: alone,
  },
  { kind: 'tfjs', begins: (start) => /^\uFEFF?\s*\{/.test(start.toString('utf8')), companions: tfjsShards },
  { kind: 'keras', begins: () => true, companions: alone },
];

export const kindOf = async (file: string): Promise<CheckpointKind> => (await recognise(file)).kind;

/** A folder is named for what it holds. */
export async function mainFile(checkpoint: string): Promise<string> {
  const found = await stat(checkpoint).catch(() => undefined);
  if (!found?.isDirectory()) return checkpoint;
  const names = await readdir(checkpoint);
  const main = ['saved_model.pb', 'model.json'].find((name) => names.includes(name));
  if (main !== undefined) return path.join(checkpoint, main);
  throw new AppError(
    'checkpoint_missing',
    `${checkpoint} is a folder, with neither saved_model.pb nor model.json in it`,
  );
}

/** All files of a checkpoint, the main one first: what its hash is made of. */
export async function sourceFiles(checkpoint: string): Promise<readonly string[]> {
  const file = await mainFile(checkpoint);
  const kind = await recognise(file);
  return [file, ...(await kind.companions(file))];
}

async function recognise(file: string): Promise<Kind> {
  const start = await firstBytes(file);
  const kind = KINDS.find(({ begins }) => begins(start));
  if (kind !== undefined) return kind;
  throw new AppError('checkpoint_unsupported', `${file} is of no known kind`);
}

async function firstBytes(file: string): Promise<Buffer> {
  let handle;
  try {
    handle = await open(file);
  } catch (cause) {
    const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new AppError('checkpoint_missing', `${file} ${absent ? 'does not exist' : 'cannot be opened'}`, {
      cause,
      remedy: absent ? 'Check the path.' : 'Check who may read it.',
    });
  }
  try {
    const bytes = Buffer.alloc(64);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function variableFiles(file: string): Promise<readonly string[]> {
  const folder = path.join(path.dirname(file), 'variables');
  const entries = await readdir(folder).catch((): string[] => []);
  return entries
    .filter((name) => name.startsWith('variables.'))
    .toSorted()
    .map((name) => path.join(folder, name));
}

async function tfjsShards(file: string): Promise<readonly string[]> {
  // With the code of zod, which other kinds need not wait for.
  const { parseModelJson, shardFiles } = await import('./tfjs/model-json.js');
  return shardFiles(parseModelJson(await readFile(file, 'utf8'), file), file).flat();
}
