import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { machine } from '../../src/config/machine.js';
import { childEnvironment } from '../../src/config/user-environment.js';
import { addonPath } from '../../src/native/addon.js';
import { correctorBeside } from '../../src/native/hidden-caches.js';

describe('the corrector of oneDNN, in a process of its own', function () {
  const corrector = correctorBeside(addonPath());
  before(function () {
    if (!existsSync(corrector)) this.skip(); // tfjs-node's own installer brings none.
  });

  const ask = (lines: string): unknown => {
    const program = `
      const addon = () => require(${JSON.stringify(addonPath())});
      const { correct } = require(${JSON.stringify(corrector)});
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
    expect(ask('addon(); return [correct(), correct()]')).to.deep.equal([outcome, outcome]);
  });

  it('says so where TensorFlow is not loaded', () => {
    expect(ask('return correct()')).to.equal('missing');
  });
});
