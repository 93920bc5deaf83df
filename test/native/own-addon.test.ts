import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { machine } from '../../src/config/machine.js';
import { childEnvironment } from '../../src/config/user-environment.js';
import { addonPath } from '../../src/native/addon.js';
import { ownAddonBeside } from '../../src/native/own-addon.js';
import { needsOwnAddon } from '../helpers/own-addon.js';

describe('our own addon, in a process of its own', function () {
  const own = ownAddonBeside(addonPath());
  before(function () {
    needsOwnAddon(this);
  });

  const ask = (lines: string): unknown => {
    const program = `
      const addon = () => require(${JSON.stringify(addonPath())});
      const own = () => require(${JSON.stringify(own)});
      Promise.resolve((() => { ${lines} })()).then((answer) => console.log(JSON.stringify(answer)));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '-e', program], {
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
});
