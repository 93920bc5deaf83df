import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { machine } from '../../src/config/machine.js';
import { childEnvironment } from '../../src/config/user-environment.js';
import { addonPath } from '../../src/native/addon.js';
import { ownAddonBeside } from '../../src/native/own-addon.js';
import { needsOwnAddon } from '../helpers/own-addon.js';

/** Runs the rest of its command line on the first processor that it may use. */
const ON_ONE_PROCESSOR = `
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.execvp(sys.argv[1], sys.argv[1:])`;

describe('our own addon, in a process of its own', function () {
  const own = ownAddonBeside(addonPath());
  before(function () {
    needsOwnAddon(this);
  });

  const ask = (lines: string, before: readonly string[] = []): unknown => {
    const program = `
      const addon = () => require(${JSON.stringify(addonPath())});
      const own = () => require(${JSON.stringify(own)});
      Promise.resolve((() => { ${lines} })()).then((answer) => console.log(JSON.stringify(answer)));`;
    const [command, ...options] = [...before, process.execPath, '--expose-gc', '-e', program] as const;
    const { stdout, stderr, status } = spawnSync(command, options, {
      encoding: 'utf8',
      env: childEnvironment({ TF_CPP_MIN_LOG_LEVEL: '3' }),
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };

  it('finds oneDNN within TensorFlow, and the fault exactly where the kernel finds no caches', () => {
    const outcome = machine().cachesHidden ? 'corrected' : 'sound';
    expect(ask('addon(); return [own().correctCaches(), own().correctCaches()]')).to.deep.equal([
      outcome,
      outcome,
    ]);
  });

  it('gives freed memory back', () => {
    const kept = ask(`
      addon();
      let blocks = Array.from({ length: 4000 }, () => Buffer.alloc(30_000, 1));
      // The last one of all stays, and with it, without our doing, all that lies below it.
      const last = Buffer.alloc(30_000, 1);
      blocks = undefined;
      gc();
      return new Promise((done) => setTimeout(() => {
        const before = process.memoryUsage.rss();
        own().releaseMemory();
        done([before - process.memoryUsage.rss(), last.length]);
      }, 200));`);
    expect(kept).to.have.property('0').above(50_000_000);
  });

  it('counts V8’s pauses by kind and length', () => {
    const seen = ask(`
      addon();
      const kinds = Array.from({ length: 4 }, () => new Float64Array(4));
      own().watchPauses(Float64Array.of(0.0000001, 1), ...kinds);
      gc({ type: 'minor' });
      gc({ type: 'minor' });
      gc();
      return kinds.map((cells) => [...cells]);`);
    const [minor, major] = seen as [number[], number[]];
    expect(minor.slice(0, 3)).to.deep.equal([0, 2, 0]);
    expect(major.slice(0, 3)).to.deep.equal([0, 1, 0]);
    for (const cells of [minor, major]) expect(cells[3]).to.be.within(0.0000001, 1);
  });

  for (const wrong of [
    '',
    'one',
    'one, two, two, two',
    'new Float32Array(1), two, two, two, two',
    'one, one, two, two, two',
  ]) {
    it(`refuses to count them in (${wrong})`, () => {
      const error = ask(`
        addon();
        const [one, two] = [new Float64Array(1), new Float64Array(3)];
        try { own().watchPauses(${wrong}); } catch (thrown) { return thrown.name; }`);
      expect(error).to.equal('TypeError');
    });
  }

  it('duplicates descriptors, and says where there can be none', () => {
    const answer = ask(`
      addon();
      const fs = require('node:fs');
      const first = fs.openSync(process.execPath);
      const second = own().duplicate(first);
      const same = fs.fstatSync(first).ino === fs.fstatSync(second).ino;
      let thrown;
      try { own().duplicate('a'); } catch (error) { thrown = error.name; }
      return [second > first, same, own().duplicate(9999), thrown];`);
    expect(answer).to.deep.equal([true, true, -1, 'TypeError']);
  });

  it('lets another thread go first on a processor that they share', function () {
    if (process.platform !== 'linux') this.skip();
    const turns = (others: number): unknown =>
      ask(
        `
        addon();
        const { Worker } = require('node:worker_threads');
        const busy = Array.from({ length: ${others} }, () => new Worker('for (;;);', { eval: true }));
        return new Promise((done) => setTimeout(() => {
          const end = performance.now() + 300;
          let turns = 0;
          for (; performance.now() < end; turns++) own().yieldProcessor();
          busy.forEach((worker) => worker.terminate());
          done(turns);
        }, 200));`,
        ['python3', '-c', ON_ONE_PROCESSOR],
      );
    // Each of them waits until the other had its turn.
    expect(turns(0)).to.be.above(20 * (turns(1) as number));
  });
});
