import { expect } from 'chai';
import h5wasm, { FS, Module } from 'h5wasm';
import type { ByteSource } from '../../src/convert/files/byte-source.js';
import { memory } from '../../src/convert/files/byte-source.js';
import { giveBack, takeBytes } from '../../src/convert/graph/spare-memory.js';
import { Hdf5File } from '../../src/convert/hdf5/hdf5-file.js';

const LENGTH = 100_000;
const VALUES = Float32Array.from({ length: LENGTH }, (_, at) => Math.fround(at / 7 - 1000));
/** HDF5's message for float32 in the usual order, up to the bit that says so. */
const FLOAT32 = Buffer.from('11201f00040000000000200017080017' + '7f000000', 'hex');

interface Layout {
  readonly dtype?: '<f4' | '<f8';
  readonly chunks?: readonly number[];
  readonly compression?: number;
}

async function fileWith({ dtype = '<f4', chunks, compression }: Layout = {}): Promise<Buffer> {
  await h5wasm.ready;
  if (FS === null) throw new Error('h5wasm is not ready');
  // The first format has no checksums: the file can be changed.
  const file = new h5wasm.File('/test.h5', 'w', { libver: ['earliest', 'latest'] });
  file.create_dataset({
    name: 'weights',
    data: dtype === '<f8' ? Float64Array.from(VALUES) : VALUES,
    shape: [LENGTH / 10, 10],
    dtype,
    ...(chunks === undefined ? {} : { chunks: [...chunks] }),
    ...(compression === undefined ? {} : { compression }),
  });
  file.close();
  const bytes = Buffer.from(FS.readFile('/test.h5'));
  FS.unlink('/test.h5');
  return bytes;
}

const read = (source: ByteSource): Promise<Float32Array> =>
  Hdf5File.use(source, 'test.h5', (file) => file.floats('weights'));

describe('numbers of an HDF5 file', () => {
  for (const [what, layout] of Object.entries<Layout>({
    'in one piece': {},
    'in chunks': { chunks: [1000, 10] },
    'in one chunk': { chunks: [LENGTH / 10, 10] },
    compressed: { chunks: [5000, 10], compression: 4 },
    'of 64 bits': { dtype: '<f8' },
  })) {
    it(`are read ${what}`, async () => {
      expect(await read(memory(await fileWith(layout)))).to.deep.equal(VALUES);
    });
  }

  it('are turned around where the file has them in the other order', async () => {
    const bytes = await fileWith();
    const [type, data] = [bytes.indexOf(FLOAT32), bytes.indexOf(Buffer.from(VALUES.buffer, 0, 64))];
    expect(type).to.be.greaterThan(0);
    expect(data).to.be.greaterThan(0);
    bytes[type + 1] = 0x21;
    bytes.subarray(data, data + VALUES.byteLength).swap32();
    expect(await read(memory(bytes))).to.deep.equal(VALUES);
  });

  it('do not pass through the library where they lie as they are wanted', async () => {
    const whole = memory(await fileWith());
    const through: number[] = [];
    const source: ByteSource = {
      size: whole.size,
      read(target, position) {
        if (target.buffer === Module.HEAPU8.buffer) through.push(target.length);
        return whole.read(target, position);
      },
    };
    expect(await read(source)).to.deep.equal(VALUES);
    expect(through).to.not.be.empty;
    expect(Math.max(...through)).to.be.lessThan(VALUES.byteLength);
  });

  it('are whole where a disk gives a part at a time', async () => {
    const whole = memory(await fileWith());
    const read100k = (target: Uint8Array, position: number): number =>
      whole.read(target.subarray(0, 100_000), position);
    expect(await read({ size: whole.size, read: read100k })).to.deep.equal(VALUES);
  });

  it('that end before the file does are zeros, not what was in memory before', async () => {
    const whole = memory(await fileWith());
    const end = whole.size - 100_000;
    giveBack(takeBytes(VALUES.byteLength).fill(0x42));
    const shorter = (target: Uint8Array, position: number): number =>
      whole.read(target.subarray(0, Math.max(0, end - position)), position);
    const values = await read({ size: whole.size, read: shorter });
    const there = VALUES.length - 25_000;
    expect(values.subarray(0, there)).to.deep.equal(VALUES.subarray(0, there));
    expect(values.subarray(there).every((value) => value === 0)).to.equal(true);
  });
});
