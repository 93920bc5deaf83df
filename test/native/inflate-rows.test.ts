import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { InflateRows } from '../../src/contracts/native-decoders.js';
import { ownDecoders } from '../helpers/own-addon.js';

describe('what our own addon inflates', function () {
  let inflateRows: InflateRows;
  before(function () {
    ({ inflateRows } = ownDecoders(this));
    // Only a Node that is linked to the system's zlib may come without its header; any other must inflate.
    const isThere = inflateRows(deflateSync(Buffer.of(1)), new Uint8Array(1)) !== undefined;
    if (!isThere && process.config.variables.node_shared_zlib) this.skip();
  });

  it('is what was deflated, at any level and of any length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 5000 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 40 }),
        (part, level, times) => {
          const sent = Buffer.concat(Array.from({ length: times }, () => part));
          const rows = new Uint8Array(sent.length);
          expect(inflateRows(deflateSync(sent, { level }), rows)).to.equal(true);
          expect(sent.equals(rows)).to.equal(true);
        },
      ),
    );
  });

  it('never reaches beyond the room for it, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => deflateSync(bytes)),
        ),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 400 }),
        (bytes, damagedAt, room) => {
          const data = Uint8Array.from(bytes);
          if (damagedAt < data.length) data[damagedAt] = (data[damagedAt] ?? 0) ^ 0x55;
          const around = new Uint8Array(room + 200).fill(0xee);
          inflateRows(data, around.subarray(100, 100 + room));
          const outside = [...around.subarray(0, 100), ...around.subarray(100 + room)];
          expect(outside.every((byte) => byte === 0xee)).to.equal(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is needed whole, and no more than fits', () => {
    const data = deflateSync(Buffer.alloc(100_000, 7));
    expect(inflateRows(data, new Uint8Array(99_999))).to.equal(false);
    expect(inflateRows(data, new Uint8Array(100_001))).to.equal(false);
    expect(inflateRows(data, new Uint8Array(0))).to.equal(false);
    expect(inflateRows(data.subarray(0, -1), new Uint8Array(100_000))).to.equal(false);
    expect(inflateRows(data, new Uint8Array(100_000))).to.equal(true);
  });

  it('is refused where it is not bytes', () => {
    const inflate = inflateRows as (...values: unknown[]) => unknown;
    for (const values of [[], [new Uint8Array(1)], ['', ''], [new Uint8Array(1), new Float32Array(1)]])
      expect(() => inflate(...values)).to.throw(TypeError, 'two arrays of bytes');
  });
});
