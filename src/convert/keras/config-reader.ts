// Reads a layer's config with types: each fault names where it stands, what was expected and what was found.
import { AppError } from '../../errors/app-error.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** TensorFlow keeps sizes in 32 bits where it computes with them. */
const MAX_WHOLE = 2 ** 31 - 1;

const isWhole = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(Number(value)) <= MAX_WHOLE;

export class ConfigReader {
  constructor(
    readonly values: JsonObject,
    /** Such as `layer "conv2d_1" (Conv2D)`. */
    readonly where: string,
  ) {}

  has(key: string): boolean {
    return this.values[key] !== undefined && this.values[key] !== null;
  }

  integer(key: string, fallback?: number): number {
    return this.#read(key, fallback, 'a whole number', isWhole);
  }

  number(key: string, fallback?: number): number {
    const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
    const written = this.values[key];
    // An array of one number, as NumPy's scalars became in some files.
    if (Array.isArray(written) && written.length === 1 && isNumber(written[0])) return written[0];
    return this.#read(key, fallback, 'a number', isNumber);
  }

  boolean(key: string, fallback?: boolean): boolean {
    return this.#read(key, fallback, 'true or false', (value) => typeof value === 'boolean');
  }

  text(key: string, fallback?: string): string {
    return this.#read(key, fallback, 'a text', (value) => typeof value === 'string');
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback?: T): T {
    const expected = `one of ${choices.join(', ')}`;
    return this.#read(key, fallback, expected, (value) => choices.some((choice) => choice === value));
  }

  /** Keras writes one number where both are alike. */
  pair(key: string, fallback?: readonly [number, number]): readonly [number, number] {
    const value = this.values[key] ?? fallback;
    if (isWhole(value)) return [value, value];
    if (Array.isArray(value) && value.length === 2 && value.every((item) => isWhole(item))) {
      return [Number(value[0]), Number(value[1])];
    }
    return this.fail(key, 'two whole numbers', value);
  }

  integers(key: string): readonly number[] {
    const value = this.values[key];
    if (isWhole(value)) return [value];
    if (Array.isArray(value) && value.every((item) => isWhole(item))) return value.map(Number);
    return this.fail(key, 'whole numbers', value);
  }

  numbers(key: string): readonly number[] {
    const flat: unknown[] = [this.values[key]].flat(8);
    if (flat.every((item) => typeof item === 'number')) return flat;
    return this.fail(key, 'numbers', this.values[key]);
  }

  fail(key: string, expected: string, found: unknown): never {
    throw new AppError(
      'config_malformed',
      `${this.where}: ${key}: expected ${expected}, found ${excerpt(found)}`,
    );
  }

  #read<T>(key: string, fallback: T | undefined, expected: string, accepts: (value: unknown) => boolean): T {
    const value = this.values[key] ?? fallback;
    if (!accepts(value)) return this.fail(key, expected, value);
    return value as T;
  }
}

function excerpt(value: unknown): string {
  try {
    return (JSON.stringify(value) as string | undefined)?.slice(0, 80) ?? 'nothing';
  } catch {
    // JSON.stringify calls itself for each level: some files have more of them than the stack.
    return 'something nested too deep to show';
  }
}
