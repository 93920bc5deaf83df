// Reads nested arrays of numbers into one Float32Array, without recursion and in pieces. All must have the shape of the
// first; the first that has not is told of by its place.
import { AppError } from '../../errors/app-error.js';
import { foundAt, isSpace, SIGN, startsNumber } from './json-text.js';
import { NumberScanner } from './number-scanner.js';
import { NumberTensor } from './number-tensor.js';

export interface TensorLimits {
  readonly maxNumbers: number;
  readonly maxDepth: number;
  /** What more numbers are refused with. */
  readonly tooMany: () => AppError;
}

const FIRST_CAPACITY = 1024;

export class TensorScanner {
  at: number;
  readonly #numbers: NumberScanner;
  #values = new Float32Array(FIRST_CAPACITY);
  #length = 0;
  /** How many elements the open array of each depth has so far; the outermost first. */
  readonly #counts: number[] = [];
  /** How many each must have, known once the first of that depth is closed. */
  readonly #sizes: (number | undefined)[] = [];
  /** Depth at which the numbers stand. */
  #rank: number | undefined;
  #afterValue = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    private readonly place: string,
    private readonly limits: TensorLimits,
  ) {
    this.at = start;
    this.#numbers = new NumberScanner(bytes);
  }

  /** Reads about so many bytes further; the tensor, when it is whole. */
  advance(some: number): NumberTensor | null {
    const until = this.at + some;
    while (this.at < until) {
      const byte = this.bytes[this.at];
      if (isSpace(byte)) this.at += 1;
      else if (this.#afterValue) {
        if (byte === SIGN.comma) {
          this.at += 1;
          this.#afterValue = false;
        } else if (byte === SIGN.close) {
          if (this.#close()) return this.#whole();
        } else this.#fail(this.#here(), `expected "," or "]"`);
      } else if (startsNumber(byte)) this.#number();
      else if (byte === SIGN.open) this.#open();
      else this.#fail(this.#next(), this.#expected());
    }
    return null;
  }

  #number(): void {
    const depth = this.#counts.length;
    this.#rank ??= depth;
    if (depth !== this.#rank) this.#fail(this.#next(), this.#expected());
    const value = Math.fround(this.#numbers.read(this.at));
    if (!Number.isFinite(value)) this.#fail(this.#next(), 'expected a finite number that float32 holds');
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length] = value;
    this.#length += 1;
    this.at = this.#numbers.end;
    this.#counts[depth - 1] = (this.#counts[depth - 1] ?? 0) + 1;
    this.#afterValue = true;
  }

  #open(): void {
    const depth = this.#counts.length;
    if (depth === (this.#rank ?? this.limits.maxDepth)) this.#fail(this.#next(), this.#expected());
    this.#counts.push(0);
    this.at += 1;
  }

  /** Whether the outermost array is closed by it. */
  #close(): boolean {
    const depth = this.#counts.length;
    const found = this.#counts[depth - 1] ?? 0;
    const size = (this.#sizes[depth - 1] ??= found);
    if (found !== size) {
      throw this.#error(
        `${this.#here()}: expected ${size} elements, as in the first of its kind, found ${found}`,
      );
    }
    this.at += 1;
    this.#counts.pop();
    if (depth === 1) return true;
    this.#counts[depth - 2] = (this.#counts[depth - 2] ?? 0) + 1;
    return false;
  }

  #whole(): NumberTensor {
    return new NumberTensor(this.#sizes.map(Number), this.#values.subarray(0, this.#length));
  }

  /** To what the whole body will hold if it goes on as so far: copying again and again costs a long pause each time. */
  #grow(): void {
    const { maxNumbers, tooMany } = this.limits;
    if (this.#length >= maxNumbers) throw tooMany();
    const expected = (this.#length * (this.bytes.length - this.start)) / (this.at - this.start);
    const capacity = Math.max(this.#length * 2, Math.ceil(expected * 1.02));
    const larger = new Float32Array(Math.min(capacity, Math.max(maxNumbers, FIRST_CAPACITY)));
    larger.set(this.#values);
    this.#values = larger;
  }

  #expected(): string {
    if (this.#rank === undefined) return `expected numbers, in at most ${this.limits.maxDepth} nested arrays`;
    return this.#counts.length < this.#rank ? 'expected an array, as beside it' : 'expected a number';
  }

  /** The array that is open now, by its index in those around it. */
  #here(): string {
    return `${this.place}${this.#counts
      .slice(0, -1)
      .map((count) => `[${count}]`)
      .join('')}`;
  }

  /** What comes next in it. */
  #next(): string {
    return `${this.place}${this.#counts.map((count) => `[${count}]`).join('')}`;
  }

  #fail(place: string, expected: string): never {
    throw this.#error(`${place}: ${expected}, found ${foundAt(this.bytes, this.at)}`);
  }

  #error(detail: string): AppError {
    return new AppError('invalid_tensor', detail);
  }
}
