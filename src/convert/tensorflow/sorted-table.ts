// The table of sorted keys that TensorFlow keeps the index of variables in: LevelDB's format
// (github.com/google/leveldb/blob/main/doc/table_format.md), of which TensorFlow uses no compression and no filters.
import { AppError } from '../../errors/app-error.js';

const MAGIC = 0xdb4775248b80fb57n;
const FOOTER_BYTES = 48;
/** Keys are the names of variables. A hostile table could name one block many times over. */
const MAX_ENTRIES = 1_000_000;
const MAX_KEY_BYTES = 4096;

interface Block {
  readonly offset: number;
  readonly size: number;
}

export function readTable(bytes: Uint8Array, what: string): ReadonlyMap<string, Uint8Array> {
  const table = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (why: string): AppError => new AppError('checkpoint_damaged', `${what}: ${why}`);
  if (table.length < FOOTER_BYTES || table.readBigUInt64LE(table.length - 8) !== MAGIC) {
    throw damaged('it does not end as an index of variables does');
  }

  let left = MAX_ENTRIES;
  const entries = ({ offset, size }: Block): (readonly [string, Buffer])[] => {
    // Behind each block stand its compression and a checksum.
    if (offset + size + 5 > table.length || size < 4 || table[offset + size] !== 0)
      throw damaged('a block is not where it should be');
    const restarts = table.readUInt32LE(offset + size - 4);
    const end = offset + size - 4 - restarts * 4;
    const cursor = new Cursor(table, offset, end, damaged);
    const found: (readonly [string, Buffer])[] = [];
    let key = Buffer.alloc(0);
    while (cursor.at < end) {
      const [shared, added, length] = [cursor.varint(), cursor.varint(), cursor.varint()];
      if (--left < 0 || shared > key.length || shared + added > MAX_KEY_BYTES)
        throw damaged('its keys cannot be read');
      key = Buffer.concat([key.subarray(0, shared), cursor.take(added)]);
      found.push([key.toString('utf8'), cursor.take(length)]);
    }
    return found;
  };

  const footer = new Cursor(table, table.length - FOOTER_BYTES, table.length - 8, damaged);
  footer.block(); // of filters and statistics
  const index = entries(footer.block());
  return new Map(
    index.flatMap(([, handle]) => entries(new Cursor(handle, 0, handle.length, damaged).block())),
  );
}

class Cursor {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
    private readonly end: number,
    private readonly damaged: (why: string) => AppError,
  ) {}

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const [byte = 0] = this.take(1);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw this.damaged('a number has no end');
  }

  take(length: number): Buffer {
    const from = this.at;
    if (from + length > this.end) throw this.damaged('it is cut short');
    this.at = from + length;
    return this.bytes.subarray(from, this.at);
  }

  block(): Block {
    return { offset: this.varint(), size: this.varint() };
  }
}
