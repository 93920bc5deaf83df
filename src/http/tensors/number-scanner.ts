// A number of a JSON text as the nearest float32, straight from its bytes: no text and no object is made of it.
import { AppError } from '../../errors/app-error.js';

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SMALL_E = 0x65;
const LARGE_E = 0x45;

/** Beyond is no number but an attack on the parser. */
const MAX_LENGTH = 1000;
/** A double holds every integer of so many digits. */
const EXACT_DIGITS = 15;
/** 10 ** 22 is the largest power of ten that a double holds exactly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);
/** More than what the digits beyond the first fifteen, and one division, can change. */
const DOUBT = 1e-14;

/** Of the bytes behind the last one. */
const NOTHING = 0;

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

export class NumberScanner {
  /** Behind the number that was read last. */
  end = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /**
   * The number that begins at `start`, by RFC 8259's grammar; NaN where there is none. Rounded to float32 it is what
   * Math.fround(JSON.parse(text)) is: where fifteen digits leave a doubt about that, JavaScript's own parser decides.
   */
  read(start: number): number {
    const { bytes } = this;
    let at = start;
    let byte = bytes[at] ?? NOTHING;
    if (byte === MINUS) byte = bytes[++at] ?? NOTHING;
    if (byte === ZERO && isDigit(bytes[at + 1] ?? NOTHING)) return this.#none(at);

    let mantissa = 0;
    let digits = 0;
    let power = 0;
    const whole = at;
    while (isDigit(byte)) {
      if (digits < EXACT_DIGITS) {
        mantissa = mantissa * 10 + byte - ZERO;
        if (mantissa > 0) digits += 1;
      } else power += 1;
      byte = bytes[++at] ?? NOTHING;
    }
    if (at === whole) return this.#none(at);
    if (byte === POINT) {
      byte = bytes[++at] ?? NOTHING;
      const fraction = at;
      while (isDigit(byte)) {
        if (digits < EXACT_DIGITS) {
          mantissa = mantissa * 10 + byte - ZERO;
          if (mantissa > 0) digits += 1;
          power -= 1;
        }
        byte = bytes[++at] ?? NOTHING;
      }
      if (at === fraction) return this.#none(at);
    }
    if (byte === SMALL_E || byte === LARGE_E) {
      byte = bytes[++at] ?? NOTHING;
      const down = byte === MINUS;
      if (down || byte === PLUS) byte = bytes[++at] ?? NOTHING;
      const exponentAt = at;
      let exponent = 0;
      while (isDigit(byte)) {
        exponent = exponent * 10 + byte - ZERO;
        byte = bytes[++at] ?? NOTHING;
      }
      if (at === exponentAt) return this.#none(at);
      power += down ? -exponent : exponent;
    }
    this.end = at;
    if (at - start > MAX_LENGTH) {
      throw new AppError(
        'malformed_json',
        `at byte ${start}: a number of more than ${MAX_LENGTH} characters`,
      );
    }
    const scale = EXACT_POWERS[Math.abs(power)];
    if (scale === undefined) return this.#parsed(start);
    const value = power < 0 ? mantissa / scale : mantissa * scale;
    const doubtful =
      digits === EXACT_DIGITS && Math.fround(value * (1 + DOUBT)) !== Math.fround(value * (1 - DOUBT));
    if (doubtful) return this.#parsed(start);
    return bytes[start] === MINUS ? -value : value;
  }

  #none(at: number): number {
    this.end = at;
    return NaN;
  }

  #parsed(start: number): number {
    return Number(String.fromCharCode(...this.bytes.subarray(start, this.end)));
  }
}
