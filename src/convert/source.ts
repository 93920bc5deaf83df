// What is converted: the files that shape a model, and how they are told from those of another.
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ConvertOptions, WriteOptions } from '../contracts/conversion.js';
import { toAppError } from '../errors/app-error.js';
import { sourceFiles } from './checkpoint-kind.js';
import { findArchitecture } from './files/architecture-file.js';
import { fileState, type KnownHashes } from './known-hashes.js';

/** Raise it when the same checkpoint would convert to another graph: every older entry is then stale. */
const CONVERTER_VERSION = 15;

export type SourceRequest = Omit<ConvertOptions, 'write'> & {
  readonly cacheDir: string;
  readonly weights: WriteOptions['weights'];
};

export interface Identity {
  /** Of the checkpoint. */
  readonly hash: string;
  /** Of all that shapes the converted model. */
  readonly key: string;
}

export class Source {
  #identity: Promise<Identity> | undefined;

  private constructor(
    private readonly request: SourceRequest,
    private readonly hashes: KnownHashes,
    private readonly files: Files,
    private readonly state: string,
  ) {}

  /** As its files are now. */
  static of(request: SourceRequest, hashes: KnownHashes): Promise<Source> {
    return orMissing(async () => {
      const files = await findFiles(request);
      return new Source(request, hashes, files, await stateOf(files));
    });
  }

  identity(): Promise<Identity> {
    return (this.#identity ??= orMissing(() => this.#identify(this.files)));
  }

  /** Whether anybody wrote to a file since then, replaced it, or changed its date or owner. */
  wasTouched(): Promise<boolean> {
    return orMissing(async () => (await stateOf(this.files)) !== this.state);
  }

  async #identify({ checkpoint, architecture: [beside] }: Files): Promise<Identity> {
    const { precision, maxParameters, head, graph, weights, cacheDir } = this.request;
    const hash = await this.#hashCheckpoint(checkpoint);
    const architecture = beside === undefined ? null : await this.hashes.hash(beside);
    const settings = { precision, maxParameters, head, graph, architecture, weights };
    const key = createHash('sha256')
      // The folder is part of the key: the graph names its weights by absolute path.
      .update(JSON.stringify([CONVERTER_VERSION, hash, settings, path.resolve(cacheDir)]))
      .digest('hex')
      .slice(0, 20);
    return { hash, key };
  }

  /** Of one file its own hash; of several the hash of all of them, with their places beside the first. */
  async #hashCheckpoint([
    main = this.request.checkpoint,
    ...companions
  ]: Files['checkpoint']): Promise<string> {
    const own = await this.hashes.hash(main);
    if (companions.length === 0) return own;
    const all = createHash('sha256').update(own);
    for (const file of companions)
      all.update(JSON.stringify([path.relative(path.dirname(main), file), await this.hashes.hash(file)]));
    return all.digest('hex');
  }
}

interface Files {
  /** The main one first. */
  readonly checkpoint: readonly string[];
  /** One at most: beside a file of weights. */
  readonly architecture: readonly string[];
}

async function findFiles({ checkpoint, architecture }: SourceRequest): Promise<Files> {
  const beside = architecture ?? (await findArchitecture(checkpoint).catch(() => undefined));
  return {
    checkpoint: await sourceFiles(checkpoint),
    architecture: beside === undefined ? [] : [beside],
  };
}

async function stateOf({ checkpoint, architecture }: Files): Promise<string> {
  const states = await Promise.all([...checkpoint, ...architecture].map((file) => fileState(file)));
  return states.map(({ state }) => state).join();
}

/** What cannot be read is missing, unless an error says better. */
async function orMissing<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw toAppError(error, 'checkpoint_missing');
  }
}
