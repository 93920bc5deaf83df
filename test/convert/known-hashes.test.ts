import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { KnownHashes } from '../../src/convert/known-hashes.js';

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const REMEMBERED = 'f'.repeat(64);

describe('known hashes', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-hashes-'));
    file = path.join(folder, 'model.h5');
    await writeFile(file, 'hello');
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** Hashes and saves, then puts a mark in the place of the hash, `later`: as if the file had been there for long. */
  async function remember({ later }: { later: boolean }): Promise<void> {
    const hashes = await KnownHashes.in(folder);
    expect(await hashes.hash(file)).to.equal(HELLO);
    await hashes.save();
    const record = path.join(folder, '.hashes.json');
    const saved = (await readFile(record, 'utf8')).replace(HELLO, REMEMBERED);
    expect(saved).to.include('"settled":false');
    await writeFile(record, later ? saved.replace('"settled":false', '"settled":true') : saved);
  }

  const hashNow = async (): Promise<string> => (await KnownHashes.in(folder)).hash(file);

  it('are of all of a file, however large', async () => {
    const bytes = Buffer.alloc(1_000_003, 'large ');
    await writeFile(file, bytes);
    expect(await hashNow()).to.equal(createHash('sha256').update(bytes).digest('hex'));
    await writeFile(file, '');
    expect(await hashNow()).to.equal(createHash('sha256').digest('hex'));
  });

  it('do not read a file again that nobody touched', async () => {
    await remember({ later: true });
    expect(await hashNow()).to.equal(REMEMBERED);
  });

  it('notice another content of the same length under the same date', async () => {
    await remember({ later: true });
    const { atime, mtime } = await stat(file);
    await writeFile(file, 'jello');
    await utimes(file, atime, mtime);
    expect(await hashNow()).to.not.be.oneOf([REMEMBERED, HELLO]);
  });

  it('do not trust a hash that was taken in the moment of a change', async () => {
    await remember({ later: false });
    expect(await hashNow()).to.equal(HELLO);
  });

  it('are believed at once where we wrote the file', async () => {
    const hashes = await KnownHashes.in(folder);
    await hashes.learn(file, REMEMBERED);
    await hashes.save();
    expect(await hashNow()).to.equal(REMEMBERED);
    await writeFile(file, 'longer');
    expect(await hashNow(), 'until somebody touches it').to.not.equal(REMEMBERED);
  });

  it('are taken anew where the record is damaged', async () => {
    await remember({ later: true });
    await writeFile(path.join(folder, '.hashes.json'), '{"');
    expect(await hashNow()).to.equal(HELLO);
  });
});
