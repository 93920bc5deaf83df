import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { convertCheckpoint } from '../../src/convert/convert.js';
import { applyThreadSettings } from '../../src/config/thread-settings.js';
import { ModelPool } from '../../src/inference/pool.js';
import { loadAddon } from '../../src/native/addon.js';
import { sharedWeights } from '../../src/native/own-addon.js';

const PIXELS = 28 * 28;

describe('a pool of workers', () => {
  let folder = '';
  const born: Worker[] = [];
  const onBirth = (worker: Worker): void => void born.push(worker);

  before(async () => {
    applyThreadSettings({ threadsPerWorker: 1 });
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-pool-'));
    await convertCheckpoint({
      checkpoint: 'saved_models/digits/v1/model.h5',
      write: { folder, weights: sharedWeights() },
      precision: 'float32',
      maxParameters: 1e6,
      head: { kind: 'pictures', scale: 'auto', output: 'auto', size: {} },
    });
    process.on('worker', onBirth);
  });

  after(async () => {
    process.off('worker', onBirth);
    await rm(folder, { recursive: true });
  });

  it('has a new worker for one that died, which knows the model', async () => {
    const pool = new ModelPool(1);
    try {
      await pool.load({
        savedModelDir: folder,
        input: { dtype: 'uint8', shape: [28, 28, 1] },
        outputs: 10,
        warmBatches: [1],
        warmBudgetMs: 100,
        loadEngine: () => void loadAddon(),
      });
      const answer = async (): Promise<readonly number[]> => [
        ...(await pool.run(new Uint8Array(PIXELS).fill(9), 1)).outputs,
      ];
      const first = await answer();
      const [worker, ...others] = born;
      expect(others).to.deep.equal([]);
      await worker?.terminate();
      expect(await answer()).to.deep.equal(first);
      expect(born).to.have.length(2);
    } finally {
      await pool.close();
    }
  });
});
