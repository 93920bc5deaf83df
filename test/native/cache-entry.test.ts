import { expect } from 'chai';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  commitEntry,
  entryKey,
  openPartial,
  readEntry,
  sweepPartials,
} from '../../src/native/cache-entry.js';
import { tfjsPackage } from '../../src/native/tfjs-package.js';
import { pinned } from './support/checkout.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

async function committed(cacheDir: string, content = 'a library'): Promise<string> {
  const partial = await openPartial(cacheDir, 'key');
  mkdirSync(path.join(partial, 'deps', 'lib'), { recursive: true });
  writeFileSync(path.join(partial, 'deps', 'lib', 'libtensorflow_cc.so.2'), content);
  const entry = path.join(cacheDir, 'key');
  await commitEntry(partial, entry, '2.21.0');
  return entry;
}

const libraryOf = (entry: string): string => path.join(entry, 'deps', 'lib', 'libtensorflow_cc.so.2');

describe('an entry of the cache', () => {
  afterEach(removeTemporaryFolders);

  it('is complete once it is committed, and nothing else is left in the cache', async () => {
    const cacheDir = temporaryFolder();
    const found = readEntry(await committed(cacheDir));
    expect(found.state).to.equal('complete');
    expect(found.state === 'complete' && found.receipt.tensorflow).to.equal('2.21.0');
    expect(readdirSync(cacheDir)).to.deep.equal(['key']);
  });

  it('is absent where nothing was committed', () => {
    expect(readEntry(path.join(temporaryFolder(), 'key'))).to.deep.equal({ state: 'absent' });
  });

  it('is not trusted when a file is shorter, longer or gone', async () => {
    const entry = await committed(temporaryFolder());
    writeFileSync(libraryOf(entry), 'a lib');
    expect(readEntry(entry).state).to.equal('damaged');
    writeFileSync(libraryOf(entry), 'a library');
    expect(readEntry(entry).state).to.equal('complete');
    appendFileSync(libraryOf(entry), '!');
    expect(readEntry(entry).state).to.equal('damaged');
    rmSync(libraryOf(entry));
    expect(readEntry(entry).state).to.equal('damaged');
  });

  it('is not trusted without a receipt, or with half of one', async () => {
    const entry = await committed(temporaryFolder());
    const receipt = path.join(entry, 'receipt.json');
    writeFileSync(receipt, readFileSync(receipt, 'utf8').slice(0, 20));
    expect(readEntry(entry).state).to.equal('damaged');
    writeFileSync(receipt, '{}');
    expect(readEntry(entry).state).to.equal('damaged');
    rmSync(receipt);
    expect(readEntry(entry).state).to.equal('damaged');
  });

  it('takes the place of a damaged one', async () => {
    const cacheDir = temporaryFolder();
    writeFileSync(libraryOf(await committed(cacheDir)), 'a lib');
    const entry = await committed(cacheDir, 'a newer library');
    expect(readFileSync(libraryOf(entry), 'utf8')).to.equal('a newer library');
    expect(readEntry(entry).state).to.equal('complete');
    expect(readdirSync(cacheDir)).to.deep.equal(['key']);
  });

  it('in the making is swept away when its process is gone; complete ones stay', async () => {
    const cacheDir = temporaryFolder();
    await committed(cacheDir);
    writeFileSync(path.join(await openPartial(cacheDir, 'key'), 'half.whl'), 'half');
    await sweepPartials(cacheDir);
    expect(readdirSync(cacheDir)).to.deep.equal(['key']);
  });

  it('is another one for another wheel, tfjs-node, platform or Node-API', () => {
    const tfjs = tfjsPackage();
    const keys = [
      entryKey(pinned(), tfjs),
      entryKey({ ...pinned(), version: '2.22.0' }, tfjs),
      entryKey({ ...pinned(), sha256: 'f'.repeat(64) }, tfjs),
      entryKey(pinned(), { ...tfjs, version: '4.23.0' }),
      entryKey(pinned(), { ...tfjs, napi: 9 }),
    ];
    expect(new Set(keys).size).to.equal(keys.length);
    expect(keys[0]).to.include(`${process.platform}-${process.arch}`);
  });
});
