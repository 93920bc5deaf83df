import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { childEnvironment } from '../../src/config/user-environment.js';
import { addonPath } from '../../src/native/addon.js';
import { needsOwnAddon } from '../helpers/own-addon.js';

const LINK_AHEAD = pathToFileURL(path.resolve('dist/src/native/link-ahead.js')).href;

/** Runs `lines` in a process of its own, which must end by itself. */
function ask(lines: string): unknown {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { linkTensorFlowAhead } from ${JSON.stringify(LINK_AHEAD)};
    const isLinked = () => readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow_cc');
    ${lines}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: childEnvironment({ TF_CPP_MIN_LOG_LEVEL: '3' }),
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

describe('TensorFlow linked ahead', function () {
  before(function () {
    needsOwnAddon(this);
  });

  it('is in the process for good, though the thread that brought it has ended', () => {
    const answer = ask(`
      const awake = setInterval(() => undefined, 1000);
      const ended = new Promise((ends) => process.once('worker', (thread) => thread.once('exit', ends)));
      const before = isLinked();
      linkTensorFlowAhead();
      await ended;
      clearInterval(awake);
      console.log(JSON.stringify([before, isLinked(), createRequire(import.meta.url)(${JSON.stringify(addonPath())}).TF_Version]));`);
    expect(answer).to.have.property('0', false);
    expect(answer).to.have.property('1', true);
    expect(answer).to.have.property('2').that.matches(/^2\./);
  });

  it('keeps nobody waiting who loads the addon at once, or leaves', () => {
    expect(
      ask(`
        linkTensorFlowAhead();
        const { TF_Version } = createRequire(import.meta.url)(${JSON.stringify(addonPath())});
        console.log(JSON.stringify(TF_Version));`),
    ).to.match(/^2\./);
    expect(ask(`linkTensorFlowAhead(); console.log('true');`)).to.equal(true);
  });
});
