// Takes from the wheel what the addon needs: two libraries, the headers it includes, the licence.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import type { Progress } from '../contracts/progress.js';
import { AppError } from '../errors/app-error.js';
import { includesOf, walkHeaders } from './headers.js';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** The names that the linker asks for, and the library each stands for. */
const LINKS = [
  ['libtensorflow.so', 'libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
] as const;

const INCLUDE = 'tensorflow/include/';
const LICENCE = `${INCLUDE}LICENSE`;

type Entries = ReadonlyMap<string, yauzl.Entry>;

/** yauzl refuses absolute names and `..`: no entry leaves the folder it is written to. */
async function readDirectory(zip: yauzl.ZipFile): Promise<Entries> {
  const entries = new Map<string, yauzl.Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

function entryOf(entries: Entries, name: string): yauzl.Entry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new AppError(
    'native_setup_failed',
    `The TensorFlow wheel has no ${name}; this version is laid out otherwise.`,
    {
      remedy: 'Report this with the output of `npx h5serve doctor`.',
    },
  );
}

/** The TensorFlow headers that the sources in these folders include. */
export async function rootHeaders(...folders: readonly string[]): Promise<string[]> {
  const entries = await Promise.all(folders.map((folder) => readdir(folder, { withFileTypes: true })));
  const files = entries.flat().filter(({ name }) => /\.(cc|h)$/.test(name));
  const sources = await Promise.all(
    files.map(({ parentPath, name }) => readFile(path.join(parentPath, name), 'utf8')),
  );
  return [...new Set(sources.flatMap(includesOf))];
}

const DEFLATE = 8;
const CHUNK_BYTES = 1 << 20;

/** Inflated here in large chunks: with zlib's usual 16 kB, half of the time goes into handing chunks on. */
async function writeLibrary(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  file: string,
  { progress, signal }: UnpackOptions,
) {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      progress.advance(chunk.length);
      next(null, chunk);
    },
  });
  await pipeline(
    await zip.openReadStreamPromise(entry, { decodeFileData: false }),
    entry.compressionMethod === DEFLATE ? createInflateRaw({ chunkSize: CHUNK_BYTES }) : new PassThrough(),
    counted,
    createWriteStream(file, { mode: 0o755, highWaterMark: CHUNK_BYTES }),
    { signal },
  );
}

export interface UnpackOptions {
  readonly wheel: string;
  /** Gets lib/, include/ and LICENSE. */
  readonly target: string;
  readonly roots: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function unpackWheel(options: UnpackOptions): Promise<void> {
  const { wheel, target, roots, progress, signal } = options;
  const zip = await yauzl.openPromise(wheel, { autoClose: false });
  try {
    const entries = await readDirectory(zip);
    const libraries = LIBRARIES.map((name) => entryOf(entries, `tensorflow/${name}`));
    const total = libraries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    progress.step('Unpacking the library', total, 'bytes');
    const folder = path.join(target, 'lib');
    await mkdir(folder, { recursive: true });
    await Promise.all(
      libraries.map((entry) =>
        writeLibrary(zip, entry, path.join(folder, path.basename(entry.fileName)), options),
      ),
    );
    for (const [link, library] of LINKS) await symlink(library, path.join(folder, link));

    const read = async (name: string): Promise<Buffer> =>
      buffer(await zip.openReadStreamPromise(entryOf(entries, name)));
    const headers = await walkHeaders(
      { has: (name) => entries.has(INCLUDE + name), read: (name) => read(INCLUDE + name) },
      roots,
      async (name, content) => {
        signal.throwIfAborted();
        const file = path.join(target, 'include', name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, content);
      },
    );
    await writeFile(path.join(target, 'LICENSE'), await read(LICENCE));
    progress.done(`${headers} headers`);
  } finally {
    zip.close();
  }
}
