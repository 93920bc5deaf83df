// Protocol buffers by strangers, field by field: every length is checked before it is believed.
import { PbfReader } from 'pbf';
import { AppError } from '../../errors/app-error.js';

const VARINT = 0;
const BYTES = 2;
const FIXED_SIZES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

export class Field {
  constructor(
    readonly number: number,
    /** The whole field with its tag, to be passed on as it is. */
    readonly encoded: Uint8Array,
    private readonly value: number | Uint8Array,
    private readonly what: string,
  ) {}

  /** Of length-delimited fields: strings, bytes, messages, packed numbers. */
  bytes(): Uint8Array {
    return typeof this.value === 'number' ? this.#mistyped() : this.value;
  }

  text(): string {
    return Buffer.from(this.bytes()).toString('utf8');
  }

  /** A whole number; negative ones fill 64 bits on the wire. */
  integer(): number {
    return typeof this.value === 'number' ? this.value : this.#mistyped();
  }

  /** Of a repeated field: packed into one, or one of many. */
  integers(): readonly number[] {
    if (typeof this.value === 'number') return [this.value];
    const reader = new PbfReader(this.value);
    const values: number[] = [];
    while (reader.pos < reader.length) values.push(readVarint(reader, this.what));
    return values;
  }

  #mistyped(): never {
    throw damaged(this.what, `field ${this.number} has another wire type than TensorFlow writes`);
  }
}

/** Calls `visit` with each field of a message, in order. */
export function readFields(message: Uint8Array, what: string, visit: (field: Field) => void): void {
  const reader = new PbfReader(message);
  while (reader.pos < message.length) {
    const start = reader.pos;
    const tag = readVarint(reader, what);
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    const value = type === VARINT ? readVarint(reader, what) : readBytes(reader, type, what);
    if (number < 1) throw damaged(what, 'a field has no number');
    visit(new Field(number, message.subarray(start, reader.pos), value, what));
  }
}

/** A field that stands once: the last one counts, as everywhere in protocol buffers. */
export function lastField(message: Uint8Array, number: number, what: string): Field | undefined {
  return allFields(message, number, what).at(-1);
}

/** A field that is repeated. */
export function allFields(message: Uint8Array, number: number, what: string): readonly Field[] {
  const found: Field[] = [];
  readFields(message, what, (field) => {
    if (field.number === number) found.push(field);
  });
  return found;
}

function readVarint(reader: PbfReader, what: string): number {
  let value: number;
  try {
    value = reader.readVarint(true);
  } catch (cause) {
    throw damaged(what, 'a number has no end', cause);
  }
  // pbf itself reads on past the end.
  if (reader.pos > reader.length) throw damaged(what, 'it is cut short');
  return value;
}

function readBytes(reader: PbfReader, type: number, what: string): Uint8Array {
  const size = type === BYTES ? readVarint(reader, what) : FIXED_SIZES[type];
  if (size === undefined) throw damaged(what, `the wire type ${type} is none that TensorFlow uses`);
  const start = reader.pos;
  if (size < 0 || start + size > reader.length)
    throw damaged(what, 'it is cut short, or no message of TensorFlow');
  reader.pos = start + size;
  return reader.buf.subarray(start, start + size);
}

const damaged = (what: string, why: string, cause?: unknown): AppError =>
  new AppError('checkpoint_damaged', `${what}: ${why}`, { cause });
