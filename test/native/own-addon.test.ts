import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { machine } from '../../src/config/machine.js';
import { childEnvironment } from '../../src/config/user-environment.js';
import { addonPath } from '../../src/native/addon.js';
import { ownAddonBeside } from '../../src/native/own-addon.js';

describe('our own addon, in a process of its own', function () {
  const own = ownAddonBeside(addonPath());
  before(function () {
    if (!existsSync(own)) this.skip(); // tfjs-node's own installer brings none.
  });

  const ask = (lines: string): unknown => {
    const program = `
      const addon = () => require(${JSON.stringify(addonPath())});
      const own = () => require(${JSON.stringify(own)});
      console.log(JSON.stringify((() => { ${lines} })()));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', program], {
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
});
