import { expect } from 'chai';
import { applyThreadSettings } from '../../src/config/thread-settings.js';

describe('TensorFlow’s settings', () => {
  const settings = (set: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    const environment = { ...set };
    applyThreadSettings({ threadsPerWorker: 2 }, environment);
    return environment;
  };

  it('give each session a pool of threads of its own', () => {
    expect(settings()).to.include({ TF_OVERRIDE_GLOBAL_THREADPOOL: '1', TF_NUM_INTRAOP_THREADS: '2' });
  });

  it('yield to what is set already', () => {
    expect(settings({ TF_NUM_INTRAOP_THREADS: '7' })).to.include({ TF_NUM_INTRAOP_THREADS: '7' });
  });
});
