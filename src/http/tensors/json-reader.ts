// Reads a JSON body whose bulk is numbers. Nested arrays of numbers become a NumberTensor, several times faster than
// JSON.parse and flattening would be, and in slices; what lies around them becomes plain values, of which there may be
// few. Depth, numbers and everything else that an attacker can choose is bounded.
import { AppError } from '../../errors/app-error.js';
import { foundAt, isSpace, nameText, SIGN, startsNumber } from './json-text.js';
import type { NumberTensor } from './number-tensor.js';
import { TensorScanner } from './tensor-scanner.js';
import type { Slices } from './turns.js';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | NumberTensor
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

export interface JsonOptions {
  readonly slices: Slices;
  readonly maxNumbers: number;
  /** What more numbers than that are refused with. */
  readonly tooMany: () => AppError;
  /** Members whose arrays are few plain values also where they are numbers. */
  readonly plain?: ReadonlySet<string>;
}

const MAX_DEPTH = 16;
/** Members and elements besides the numbers of tensors. */
const MAX_VALUES = 20_000;
const MAX_SPACE = 1024 * 1024;
const MAX_ESCAPED_QUOTES = 10_000;
/** Texts up to here are parsed by JSON.parse, longer ones only where they have escapes. */
const SHORT_TEXT = 1024;
/** Looked at between two looks at the clock. */
const STEP_BYTES = 64 * 1024;

const WORDS: readonly (readonly [string, null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

export async function readJson(bytes: Buffer, options: JsonOptions): Promise<JsonValue> {
  const reader = new JsonReader(bytes, options);
  const value = await reader.value('', 0, false);
  reader.end();
  return value;
}

class JsonReader {
  #at = 0;
  #values = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly options: JsonOptions,
  ) {}

  async value(place: string, depth: number, plain: boolean): Promise<JsonValue> {
    this.#values += 1;
    if (this.#values > MAX_VALUES) {
      throw new AppError('malformed_json', `the body has more than ${MAX_VALUES} values besides its tensors`);
    }
    if (depth > MAX_DEPTH) {
      throw new AppError(
        'malformed_json',
        `${place}: more than ${MAX_DEPTH} arrays and objects in each other`,
      );
    }
    const byte = this.#next();
    if (byte === SIGN.openObject) return this.#object(place, depth);
    if (byte === SIGN.open) {
      return !plain && this.#holdsNumbers() ? this.#tensor(place) : this.#array(place, depth, plain);
    }
    if (byte === SIGN.quote) return this.#text();
    if (startsNumber(byte)) return this.#number();
    for (const [word, value] of WORDS) {
      if (this.bytes.toString('latin1', this.#at, this.#at + word.length) !== word) continue;
      this.#at += word.length;
      return value;
    }
    return this.#fail('a value');
  }

  end(): void {
    if (this.#next() !== undefined) this.#fail('the end of the body');
  }

  async #object(place: string, depth: number): Promise<JsonValue> {
    // Without a prototype, `__proto__` is a member like any other.
    const members = Object.create(null) as Record<string, JsonValue>;
    this.#at += 1;
    if (this.#next() === SIGN.closeObject) return this.#closed(members);
    for (;;) {
      if (this.#next() !== SIGN.quote) this.#fail('the name of a member');
      const name = this.#text();
      if (name in members) {
        throw new AppError('malformed_json', `the member ${nameText(name)} is there twice`);
      }
      if (this.#next() !== SIGN.colon) this.#fail('":"');
      this.#at += 1;
      const inside = place === '' ? nameText(name) : `${place}.${nameText(name)}`;
      members[name] = await this.value(inside, depth + 1, this.options.plain?.has(name) ?? false);
      const byte = this.#next();
      if (byte === SIGN.closeObject) return this.#closed(members);
      if (byte !== SIGN.comma) this.#fail('"," or "}"');
      this.#at += 1;
    }
  }

  async #array(place: string, depth: number, plain: boolean): Promise<JsonValue> {
    const elements: JsonValue[] = [];
    this.#at += 1;
    if (this.#next() === SIGN.close) return this.#closed(elements);
    for (;;) {
      elements.push(await this.value(`${place}[${elements.length}]`, depth + 1, plain));
      const byte = this.#next();
      if (byte === SIGN.close) return this.#closed(elements);
      if (byte !== SIGN.comma) this.#fail('"," or "]"');
      this.#at += 1;
    }
  }

  #closed<T>(whole: T): T {
    this.#at += 1;
    return whole;
  }

  /** Whether the first thing in these arrays that is no array itself is a number. Python writes NaN and Infinity. */
  #holdsNumbers(): boolean {
    let at = this.#at;
    for (let depth = 0; this.bytes[at] === SIGN.open; depth += 1) {
      if (depth > MAX_DEPTH) {
        throw new AppError('malformed_json', `at byte ${at}: more than ${MAX_DEPTH} arrays in each other`);
      }
      at = this.#behindSpace(at + 1);
    }
    return startsNumber(this.bytes[at]) || /^(NaN|Infinity)/.test(foundAt(this.bytes, at));
  }

  async #tensor(place: string): Promise<NumberTensor> {
    const { maxNumbers, tooMany, slices } = this.options;
    const limits = { maxNumbers, tooMany, maxDepth: MAX_DEPTH };
    const scanner = new TensorScanner(this.bytes, this.#at, place, limits);
    for (;;) {
      const tensor = scanner.advance(STEP_BYTES);
      if (tensor !== null) {
        this.#at = scanner.at;
        return tensor;
      }
      await slices.pauseIfDue();
    }
  }

  #number(): number {
    const text = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])/.exec(
      this.bytes.toString('latin1', this.#at, this.#at + 64),
    )?.[0];
    if (text === undefined) return this.#fail('a number');
    this.#at += text.length;
    return Number(text);
  }

  #text(): string {
    const { bytes } = this;
    const start = this.#at;
    let close = bytes.indexOf(SIGN.quote, start + 1);
    let escaped = 0;
    while (close > 0 && this.#isEscaped(start, close)) {
      escaped += 1;
      if (escaped > MAX_ESCAPED_QUOTES) {
        throw new AppError('malformed_json', `at byte ${start}: a text of too many escaped quotes`);
      }
      close = bytes.indexOf(SIGN.quote, close + 1);
    }
    if (close < 0) throw new AppError('malformed_json', `at byte ${start}: a text that has no end`);
    this.#at = close + 1;
    const inside = bytes.subarray(start + 1, close);
    if (inside.length > SHORT_TEXT && !inside.includes(SIGN.backslash)) return inside.toString('utf8');
    try {
      return String(JSON.parse(bytes.toString('utf8', start, close + 1)));
    } catch (cause) {
      throw new AppError('malformed_json', `at byte ${start}: a text with a wrong escape`, { cause });
    }
  }

  /** By an odd number of backslashes. */
  #isEscaped(start: number, quote: number): boolean {
    let at = quote - 1;
    while (at > start && this.bytes[at] === SIGN.backslash) at -= 1;
    return (quote - at) % 2 === 0;
  }

  /** The next byte that is no space. */
  #next(): number | undefined {
    this.#at = this.#behindSpace(this.#at);
    return this.bytes[this.#at];
  }

  #behindSpace(start: number): number {
    let at = start;
    while (isSpace(this.bytes[at])) {
      at += 1;
      if (at - start > MAX_SPACE) {
        throw new AppError('malformed_json', `at byte ${start}: more than ${MAX_SPACE} spaces`);
      }
    }
    return at;
  }

  #fail(expected: string): never {
    throw new AppError(
      'malformed_json',
      `at byte ${this.#at}: expected ${expected}, found ${foundAt(this.bytes, this.#at)}`,
    );
  }
}
