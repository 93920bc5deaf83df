import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { ModelFiles } from '../../src/convert/saved-model/model-files.js';

describe('the files of a SavedModel', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-weights-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are all there, byte by byte, when writing has finished', async () => {
    const files = new ModelFiles({ folder, weights: 'mapped' });
    const weights = Array.from({ length: 20 }, (_, at) => new Uint8Array(100_000 + at).fill(at));
    const paths: string[] = [];
    for (const bytes of weights) {
      const { memory_region_name: name } = await files.store(bytes);
      if (name?.kind === 'string') paths.push(name.value);
    }
    await files.finish();
    expect(new Set(paths)).to.have.property('size', 20);
    for (const [at, place] of paths.entries()) {
      const bytes = weights[at] ?? new Uint8Array();
      expect((await readFile(place)).equals(bytes)).to.equal(true);
      const hash = createHash('sha256').update(bytes).digest('hex');
      expect(files.hashes).to.have.property(path.relative(folder, place), hash);
    }
  });

  it('that cannot be written fail the conversion, the last one too', async () => {
    await mkdir(path.join(folder, 'weights', '0001.bin'), { recursive: true });
    const files = new ModelFiles({ folder, weights: 'mapped' });
    await files.store(new Uint8Array(5000));
    await files.store(new Uint8Array(5000));
    const fault: unknown = await files.finish().catch((error: unknown) => error);
    expect(fault).to.have.property('code', 'EISDIR');
  });
});
