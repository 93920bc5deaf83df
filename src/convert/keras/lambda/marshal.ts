// Python's marshal format (Python/marshal.c), as far as a small function goes. Reading it runs nothing.

/** What a function is made of; the fields that nothing asks for are passed over. */
export interface CodeObject {
  readonly kind: 'code';
  readonly layout: CodeLayout;
  readonly argumentCount: number;
  readonly code: Buffer;
  readonly constants: readonly unknown[];
}

/** The fields of a code object changed with Python's versions, and nothing in the bytes says which those are. */
export interface CodeLayout {
  readonly since: '2.0' | '3.0' | '3.6' | '3.8' | '3.11';
  /** Whole numbers before the code itself; the first is how many arguments there are. */
  readonly counts: number;
  /** What follows the code: constants, names, and so on; 'int' is a line number. */
  readonly after: readonly ('object' | 'int')[];
}

const objects = (count: number): readonly 'object'[] => Array.from({ length: count }, () => 'object');
const UP_TO_3_10: CodeLayout['after'] = [...objects(7), 'int', 'object'];

export const LAYOUTS: readonly CodeLayout[] = [
  { since: '3.11', counts: 5, after: [...objects(7), 'int', ...objects(2)] },
  { since: '3.8', counts: 6, after: UP_TO_3_10 },
  // These two differ in their instructions only.
  { since: '3.6', counts: 5, after: UP_TO_3_10 },
  { since: '3.0', counts: 5, after: UP_TO_3_10 },
  { since: '2.0', counts: 4, after: UP_TO_3_10 },
];

const MAX_DEPTH = 8;
const MAX_ITEMS = 256;
/** Set on what is referred to later. */
const FLAG_REF = 0x80;

/** The one object in these bytes; throws a RangeError where they are none in this layout, to the last byte. */
export function readMarshal(bytes: Buffer, layout: CodeLayout): unknown {
  const reader = new MarshalReader(bytes, layout);
  const value = reader.object(0);
  if (!reader.atEnd) throw new RangeError('bytes are left');
  return value;
}

class MarshalReader {
  #at = 0;
  readonly #references: unknown[] = [];
  /** Python 2 numbers the names that it interns. */
  readonly #interned: unknown[] = [];

  constructor(
    private readonly bytes: Buffer,
    private readonly layout: CodeLayout,
  ) {}

  get atEnd(): boolean {
    return this.#at === this.bytes.length;
  }

  object(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
    const tag = this.#take(1)[0] ?? 0;
    const place = (tag & FLAG_REF) === 0 ? undefined : this.#references.push(undefined) - 1;
    const value = this.#value(String.fromCharCode(tag & ~FLAG_REF), depth);
    if (place !== undefined) this.#references[place] = value;
    return value;
  }

  #value(type: string, depth: number): unknown {
    switch (type) {
      case 'N':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'i':
        return this.#int();
      case 'g':
        return this.#take(8).readDoubleLE();
      case 's':
      case 'u':
      case 'a':
      case 'A':
        return this.#take(this.#int());
      case 't':
        return this.#intern(this.#take(this.#int()));
      case 'z':
      case 'Z':
        return this.#take(this.#take(1)[0] ?? 0);
      case 'r':
        return this.#references[this.#int()];
      case 'R':
        return this.#interned[this.#int()];
      case '(':
        return this.#tuple(this.#int(), depth);
      case ')':
        return this.#tuple(this.#take(1)[0] ?? 0, depth);
      case 'c':
        return this.#code(depth);
      default:
        throw new RangeError(`the type ${JSON.stringify(type)} is not read`);
    }
  }

  #intern(name: Buffer): Buffer {
    this.#interned.push(name);
    return name;
  }

  #tuple(length: number, depth: number): readonly unknown[] {
    if (length < 0 || length > MAX_ITEMS) throw new RangeError(`a tuple of ${length}`);
    return Array.from({ length }, () => this.object(depth + 1));
  }

  #code(depth: number): CodeObject {
    const { layout } = this;
    const [argumentCount = 0] = Array.from({ length: layout.counts }, () => this.#int());
    const code = this.object(depth + 1);
    const [constants] = layout.after.map((field) => (field === 'int' ? this.#int() : this.object(depth + 1)));
    if (!Buffer.isBuffer(code) || !Array.isArray(constants)) throw new RangeError('fields of other types');
    return { kind: 'code', layout, argumentCount, code, constants };
  }

  #int(): number {
    return this.#take(4).readInt32LE();
  }

  #take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.bytes.length) throw new RangeError('the end is missing');
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }
}
