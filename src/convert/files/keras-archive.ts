// A `.keras` file: a zip of config.json, metadata.json and model.weights.h5 (keras/src/saving/saving_lib.py). Only these
// three are ever read, by name, and nothing is unpacked to disk.
import { crc32 } from 'node:zlib';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../../errors/app-error.js';
import { fileWindow, memory, type ByteSource } from './byte-source.js';

const CONFIG = 'config.json';
const METADATA = 'metadata.json';
const WEIGHTS = 'model.weights.h5';

/** Keras writes three; assets of text layers may add some. */
const MAX_ENTRIES = 1000;
/** NASNetLarge has 2 MB. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;
const MAX_METADATA_BYTES = 1024 * 1024;
/** Compressed weights are unpacked in memory. Keras stores them as they are, and those are read where they lie. */
const MAX_UNPACKED_BYTES = 2 ** 31;
/** Trained weights hardly compress: beyond this, a large part is a bomb. */
const MAX_RATIO = 100;
const SMALL_BYTES = 64 * 1024 * 1024;
const BLOCK = 1024 * 1024;

export interface KerasArchive {
  readonly config: string;
  readonly metadata: string | undefined;
  readonly weights: ByteSource;
}

/** `fd` stays open, and the weights are read through it. */
export async function readKerasArchive(fd: number, name: string): Promise<KerasArchive> {
  try {
    const zip = await fromFdPromise(fd, { autoClose: false, lazyEntries: true });
    const entries = await listEntries(zip, name);
    const part = (wanted: string): Part | undefined => {
      const entry = entries.get(wanted);
      return entry === undefined ? undefined : { zip, fd, entry, where: `${name}: ${wanted}` };
    };
    const [config, metadata, weights] = [part(CONFIG), part(METADATA), part(WEIGHTS)];
    if (config === undefined) throw notKeras(name, entries);
    if (weights === undefined)
      throw new AppError('weights_missing', `${name}: there is no ${WEIGHTS} inside`);
    return {
      config: (await unpack(config, MAX_CONFIG_BYTES)).toString('utf8'),
      metadata:
        metadata === undefined ? undefined : (await unpack(metadata, MAX_METADATA_BYTES)).toString('utf8'),
      weights: await open(weights),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    // yauzl says in plain words what is wrong with a zip.
    throw new AppError(
      'checkpoint_damaged',
      `${name}: the zip cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

interface Part {
  readonly zip: ZipFile;
  readonly fd: number;
  readonly entry: Entry;
  readonly where: string;
}

async function listEntries(zip: ZipFile, name: string): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) {
    throw new AppError(
      'checkpoint_unsafe',
      `${name}: the zip has ${zip.entryCount} entries, more than ${MAX_ENTRIES}`,
    );
  }
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName))
      throw new AppError('checkpoint_unsafe', `${name}: the zip holds ${entry.fileName} twice`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

function notKeras(name: string, entries: ReadonlyMap<string, Entry>): AppError {
  const found = [...entries.keys()].slice(0, 5).join(', ') || 'nothing';
  const sharded = entries.has('model.weights.json');
  return sharded
    ? new AppError('checkpoint_unsupported', `${name}: its weights are sharded`, {
        remedy: 'Save the model again without max_shard_size.',
      })
    : new AppError(
        'checkpoint_not_hdf5',
        `${name} is a zip, but not of Keras: there is no ${CONFIG} inside, but ${found}`,
      );
}

/** A part that is stored is read in place; its checksum is held against it first, which HDF5 has none of. */
async function open(part: Part): Promise<ByteSource> {
  const { zip, fd, entry, where } = part;
  refuseEncrypted(part);
  if (entry.compressionMethod !== 0) return memory(await unpack(part, MAX_UNPACKED_BYTES));
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const source = fileWindow(fd, fileDataStart, entry.uncompressedSize);
  const block = Buffer.alloc(Math.min(BLOCK, source.size));
  let checksum = 0;
  for (let at = 0; at < source.size; at += block.length)
    checksum = crc32(block.subarray(0, source.read(block, at)), checksum);
  refuseDamaged(checksum, entry, where);
  return source;
}

async function unpack(part: Part, limit: number): Promise<Buffer> {
  const { zip, entry, where } = part;
  refuseEncrypted(part);
  const { uncompressedSize: size, compressedSize } = entry;
  if (size > limit)
    throw new AppError('checkpoint_unsafe', `${where} claims ${size} bytes; at most ${limit} are read`);
  if (size > SMALL_BYTES && size > compressedSize * MAX_RATIO) {
    throw new AppError('checkpoint_unsafe', `${where} claims ${size} bytes, packed into ${compressedSize}`);
  }
  const chunks: Buffer[] = [];
  // yauzl ends the stream with an error as soon as it gives more than the entry claims.
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  refuseDamaged(crc32(bytes), entry, where);
  return bytes;
}

function refuseEncrypted({ entry, where }: Part): void {
  if (entry.isEncrypted())
    throw new AppError('checkpoint_unsupported', `${where} is encrypted`, {
      remedy: 'Unpack it, or save the model again.',
    });
}

function refuseDamaged(checksum: number, entry: Entry, where: string): void {
  if (checksum !== entry.crc32)
    throw new AppError('checkpoint_damaged', `${where} does not match its checksum`);
}
