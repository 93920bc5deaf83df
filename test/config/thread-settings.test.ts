import { expect } from 'chai';
import { readMachine } from '../../src/config/machine.js';
import { applyThreadSettings } from '../../src/config/thread-settings.js';

describe('TensorFlow’s settings', () => {
  const settings = (cachesHidden: boolean, set: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    const environment = { ...set };
    applyThreadSettings({ threadsPerWorker: 2 }, environment, { ...readMachine(), cachesHidden });
    return environment;
  };

  it('use oneDNN, and a pool of threads for each session', () => {
    expect(settings(false)).to.include({
      TF_ENABLE_ONEDNN_OPTS: '1',
      TF_OVERRIDE_GLOBAL_THREADPOOL: '1',
      TF_NUM_INTRAOP_THREADS: '2',
    });
  });

  it('leave oneDNN out where it would divide by the caches’ sizes, which are hidden', () => {
    expect(settings(true)).to.include({ TF_ENABLE_ONEDNN_OPTS: '0' });
  });

  it('yield to what is set already', () => {
    expect(settings(true, { TF_ENABLE_ONEDNN_OPTS: '1' })).to.include({ TF_ENABLE_ONEDNN_OPTS: '1' });
  });

  it('tell whether oneDNN will be used, whoever decided it', () => {
    const uses = (cachesHidden: boolean, set: NodeJS.ProcessEnv = {}): boolean =>
      applyThreadSettings({ threadsPerWorker: 1 }, { ...set }, { ...readMachine(), cachesHidden });
    expect([uses(false), uses(true)]).to.deep.equal([true, false]);
    expect(uses(true, { TF_ENABLE_ONEDNN_OPTS: '1' })).to.equal(true);
    expect(uses(false, { TF_ENABLE_ONEDNN_OPTS: '0' })).to.equal(false);
  });
});
