// The API keys in force: those of the settings, and those of a file that is read again when it changes.
import { readFileSync } from 'node:fs';
import { watchFiles } from '../config/watch-files.js';
import type { Caller } from '../contracts/access.js';
import type { Logger } from '../contracts/logger.js';
import { AppError, toAppError } from '../errors/app-error.js';
import { callerOf, checkKeys, parseKey, parseKeyFile, type ApiKey } from './api-keys.js';

export interface KeyRingOptions {
  readonly entries: readonly string[];
  readonly file: string | undefined;
  readonly logger: Logger;
  readonly pollMs?: number;
}

export class KeyRing {
  readonly #fixed: readonly ApiKey[];
  #keys: readonly ApiKey[];
  readonly #stop: () => void;

  constructor(private readonly options: KeyRingOptions) {
    const { entries, file, pollMs } = options;
    this.#fixed = entries.map((entry, at) => parseKey(entry, `API_KEYS, entry ${at + 1}`));
    this.#keys = this.#read();
    this.#stop = file === undefined ? () => undefined : watchFiles([file], () => this.#reload(), pollMs);
  }

  get size(): number {
    return this.#keys.length;
  }

  find(key: string): Caller | undefined {
    return callerOf(key, this.#keys);
  }

  close(): void {
    this.#stop();
  }

  #read(): readonly ApiKey[] {
    const { file } = this.options;
    if (file === undefined) return checkKeys(this.#fixed);
    let text;
    try {
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      throw new AppError('config_invalid', `API_KEYS_FILE: ${file} cannot be read`, { cause });
    }
    return checkKeys([...this.#fixed, ...parseKeyFile(text, 'API_KEYS_FILE')]);
  }

  /** A file that is broken or gone changes nothing: half a rotation must not lock everyone out. */
  #reload(): void {
    const { logger } = this.options;
    try {
      this.#keys = this.#read();
      logger.info('API keys were read again', { keys: this.#keys.length });
    } catch (error) {
      logger.error(`API keys stay as they were: ${toAppError(error).detail}`);
    }
  }
}
