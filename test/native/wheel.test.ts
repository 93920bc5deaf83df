import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { silentProgress } from '../../src/contracts/progress.js';
import { runChild } from '../../src/native/child.js';
import { fetchWheel, verifyWheel } from '../../src/native/wheel.js';
import { refused } from '../helpers/refused.js';
import { pinned } from './support/checkout.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';
import { wheelSource } from './support/wheel-source.js';

const { signal } = new AbortController();
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Runs with additions to the environment, which pip inherits. */
async function withEnvironment<T>(
  additions: Readonly<Record<string, string>>,
  action: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, additions);
  try {
    return await action();
  } finally {
    for (const name of Object.keys(additions)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  }
}

describe('the wheel', () => {
  afterEach(removeTemporaryFolders);

  it('is accepted when its SHA-256 is the pinned one, and how far the check is gets told', async () => {
    const wheel = path.join(temporaryFolder(), 'small.whl');
    const content = Buffer.alloc(3_000_000, 'wheel');
    writeFileSync(wheel, content);
    let told = 0;
    const progress = { ...silentProgress, advance: (bytes: number) => (told += bytes) };
    await verifyWheel(wheel, { ...pinned(), sha256: sha256(content) }, progress, signal);
    expect(told).to.equal(content.length);
  });

  it('is refused when one byte differs, with both hashes and what to do', async () => {
    const wheel = path.join(temporaryFolder(), 'small.whl');
    writeFileSync(wheel, 'whael');
    const expected = sha256(Buffer.from('wheel'));
    const error = await refused(
      verifyWheel(wheel, { ...pinned(), sha256: expected }, silentProgress, signal),
      'native_setup_failed',
    );
    expect(error.detail)
      .to.include(expected)
      .and.to.include(sha256(Buffer.from('whael')));
    expect(error.remedy).to.include('pip cache purge');
  });

  describe('brought by pip', () => {
    before(async function () {
      if (!(await runChild('python3', ['-m', 'pip', '--version'])).ok) this.skip();
    });

    it('comes from wherever the user’s own configuration points', async () => {
      const folder = temporaryFolder();
      const { wheel, environment } = wheelSource(path.join(folder, 'source'));
      const target = path.join(folder, 'download');
      mkdirSync(target);
      const pin = { ...pinned(), sha256: sha256(wheel), bytes: wheel.length };
      const file = await withEnvironment(environment, () =>
        fetchWheel({ pin, folder: target, python: 'python3', progress: silentProgress, signal }),
      );
      expect(readFileSync(file).equals(wheel)).to.equal(true);
    });

    it('that has none to give is an error with pip’s own words and where to look', async () => {
      const folder = temporaryFolder();
      const { environment } = wheelSource(path.join(folder, 'source'));
      const pin = { ...pinned(), version: '0.0.1' };
      const error = await refused(
        withEnvironment(environment, () =>
          fetchWheel({ pin, folder, python: 'python3', progress: silentProgress, signal }),
        ),
        'native_setup_failed',
      );
      expect(error.detail).to.include('tensorflow-cpu==0.0.1');
      expect(error.remedy).to.include('pip config list');
    });
  });
});
