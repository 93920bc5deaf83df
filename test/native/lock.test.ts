import { expect } from 'chai';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { withLock } from '../../src/native/lock.js';
import { startProgram } from './support/run-program.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

const program = new URL('support/hold-lock.js', import.meta.url);
const never = new AbortController().signal;

/** The number of a process that lived and ended. */
async function deadPid(): Promise<number> {
  const folder = temporaryFolder();
  const { child, ended } = startProgram(program, [path.join(folder, 'lock'), path.join(folder, 'journal')]);
  await ended;
  return child.pid ?? 0;
}

describe('the lock of the cache', () => {
  afterEach(removeTemporaryFolders);

  it('lets one process in at a time; the other says that it waits, then comes in', async () => {
    const folder = temporaryFolder();
    const args = [path.join(folder, 'lock'), path.join(folder, 'journal')];
    const first = startProgram(program, [...args, '400']);
    await first.said('holding');
    const second = startProgram(program, [...args, '0']);
    const [, later] = await Promise.all([first.ended, second.ended]);
    expect(later.stdout).to.include(`waiting for ${String(first.child.pid)}`);
    const [one, two] = [String(first.child.pid), String(second.child.pid)];
    expect(readFileSync(path.join(folder, 'journal'), 'utf8')).to.equal(
      `in ${one}\nout ${one}\nin ${two}\nout ${two}\n`,
    );
  });

  it('keeps many processes apart that all start together', async () => {
    const folder = temporaryFolder();
    const args = [path.join(folder, 'lock'), path.join(folder, 'journal'), '30'];
    const ends = await Promise.all(Array.from({ length: 6 }, () => startProgram(program, args).ended));
    expect(ends.map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    const events = readFileSync(path.join(folder, 'journal'), 'utf8').trim().split('\n');
    expect(events).to.have.length(12);
    for (let at = 0; at < events.length; at += 2) {
      expect(events[at + 1]).to.equal(events[at]?.replace('in', 'out'));
    }
  });

  it('is taken over at once from a process of this host that died', async () => {
    const lock = path.join(temporaryFolder(), 'lock');
    writeFileSync(lock, JSON.stringify({ pid: await deadPid(), host: hostname(), started: '2026-01-01' }));
    let waited = false;
    const value = await withLock(lock, { signal: never, onWait: () => (waited = true) }, () =>
      Promise.resolve(7),
    );
    expect(value).to.equal(7);
    expect(waited).to.equal(false);
    expect(existsSync(lock)).to.equal(false);
  });

  it('is not taken from another host while its holder shows signs of life, but when it stopped', async () => {
    const lock = path.join(temporaryFolder(), 'lock');
    writeFileSync(
      lock,
      JSON.stringify({ pid: await deadPid(), host: 'another-host', started: '2026-01-01' }),
    );
    let waits = 0;
    const onWait = (): void => {
      waits += 1;
      const longAgo = new Date(Date.now() - 120_000);
      utimesSync(lock, longAgo, longAgo);
    };
    await withLock(lock, { signal: never, onWait }, () => Promise.resolve());
    expect(waits).to.equal(1);
  });

  it('is given back when the work fails', async () => {
    const lock = path.join(temporaryFolder(), 'lock');
    const failing = withLock(lock, { signal: never, onWait: () => undefined }, () =>
      Promise.reject(new Error('the work failed')),
    );
    expect(await failing.catch((error: unknown) => (error as Error).message)).to.equal('the work failed');
    expect(existsSync(lock)).to.equal(false);
  });

  it('stops waiting when it is interrupted, and leaves the holder its lock', async () => {
    const lock = path.join(temporaryFolder(), 'lock');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), started: '2026-01-01' }));
    const interruption = new AbortController();
    const waiting = withLock(
      lock,
      { signal: interruption.signal, onWait: () => interruption.abort(new Error('enough')) },
      () => Promise.resolve('came in'),
    );
    expect(await waiting.catch((error: unknown) => (error as Error).message)).to.equal('enough');
    expect(existsSync(lock)).to.equal(true);
  });
});
