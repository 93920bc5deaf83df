// Graphs must run where TensorFlow computes by itself: on machines where oneDNN cannot be used, on ARM, in other programs.
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { childEnvironment } from '../../src/config/user-environment.js';

describe('without oneDNN', () => {
  it('convolutions in groups and dilated ones agree with Keras, too', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        'node_modules/mocha/bin/mocha.js',
        '--no-config',
        '--timeout=60000',
        '--reporter=json',
        '--grep=groups|dilation',
        'dist/test/convert/layer-cases.test.js',
      ],
      { encoding: 'utf8', env: childEnvironment({ TF_ENABLE_ONEDNN_OPTS: '0' }) },
    );
    expect(status, stdout).to.equal(0);
    const { stats } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { stats: { passes: number } };
    expect(stats.passes).to.be.at.least(8);
  });
});
