// Bits and Huffman codes of a scan (ITU-T T.81, annex F.2.2).
import type { HuffmanTable } from './segments.js';

/** Codes up to this length are found by one look-up. */
const FAST_BITS = 9;

export interface Decoder {
  /** By the next FAST_BITS bits: length << 8 | symbol, or 0 for longer codes. */
  readonly fast: Uint16Array;
  /** By length: the largest code, -1 where there is none; and what to add to a code for its symbol's place. */
  readonly largest: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** Undefined where the lengths do not make a code (annex C). */
export function makeDecoder({ counts, symbols }: HuffmanTable): Decoder | undefined {
  const fast = new Uint16Array(1 << FAST_BITS);
  const largest = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    offset[length] = place - code;
    for (let index = 0; index < count; index += 1, code += 1, place += 1) {
      if (length > FAST_BITS) continue;
      const start = code << (FAST_BITS - length);
      fast.fill((length << 8) | (symbols[place] ?? 0), start, start + (1 << (FAST_BITS - length)));
    }
    if (code > 1 << length) return undefined;
    if (count > 0) largest[length] = code - 1;
    code <<= 1;
  }
  return { fast, largest, offset, symbols };
}

/** The data is damaged or ends too early. Never leaves this folder. */
export class DamagedScan extends Error {}

export class BitReader {
  private bits = 0;
  private count = 0;
  private at: number;
  /** Zeroes that stand for data behind the end; none may be used. */
  private borrowed = 0;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
  ) {
    this.at = start;
  }

  /** Up to 25 bits. At a marker, zeroes: the last code may be shorter than a look-up. */
  private fill(): void {
    while (this.count <= 24) {
      let byte = this.bytes[this.at] ?? 0;
      if (byte === 0xff || this.at >= this.bytes.length) {
        if (this.bytes[this.at + 1] === 0 && this.at + 1 < this.bytes.length) {
          this.at += 2;
        } else {
          byte = 0;
          this.borrowed += 8;
        }
      } else this.at += 1;
      this.bits = (this.bits << 8) | byte;
      this.count += 8;
    }
  }

  private drop(length: number): void {
    this.count -= length;
    if (this.count < this.borrowed) throw new DamagedScan('the scan ends too early');
  }

  symbol({ fast, largest, offset, symbols }: Decoder): number {
    if (this.count < 16) this.fill();
    const found = fast[(this.bits >>> (this.count - FAST_BITS)) & ((1 << FAST_BITS) - 1)] ?? 0;
    if (found !== 0) {
      this.drop(found >> 8);
      return found & 255;
    }
    for (let length = FAST_BITS + 1; length <= 16; length += 1) {
      const code = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
      if (code <= (largest[length] ?? -1)) {
        this.drop(length);
        return symbols[code + (offset[length] ?? 0)] ?? 0;
      }
    }
    throw new DamagedScan('no such code');
  }

  /** A signed number of `length` bits, 1 to 15 (EXTEND of F.2.2.1). */
  signed(length: number): number {
    if (this.count < length) this.fill();
    const value = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
    this.drop(length);
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** The marker that must follow here. */
  marker(): number {
    // Fewer than a byte's bits may be left, to fill the last one.
    if (this.count - this.borrowed >= 8) throw new DamagedScan('there is more data than pixels');
    while (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] === 0xff) this.at += 1;
    if (this.bytes[this.at] !== 0xff) throw new DamagedScan('a marker is missing');
    const marker = this.bytes[this.at + 1] ?? 0;
    this.at += 2;
    this.bits = 0;
    this.count = 0;
    this.borrowed = 0;
    return marker;
  }
}
