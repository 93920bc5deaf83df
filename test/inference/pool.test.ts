import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { convertCheckpoint } from '../../src/convert/convert.js';
import { applyThreadSettings } from '../../src/config/thread-settings.js';
import { ModelPool } from '../../src/inference/pool.js';
import type { Example } from '../../src/inference/tray.js';
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

  /** A pool of the digits that takes up to four pictures at once. */
  async function withPool(threads: number, use: (pool: ModelPool) => Promise<void>): Promise<void> {
    const pool = new ModelPool(threads);
    try {
      await pool.load({
        savedModelDir: folder,
        input: { dtype: 'uint8', shape: [28, 28, 1] },
        outputs: 10,
        warmBatches: [1, 4],
        warmBudgetMs: 100,
        loadEngine: () => void loadAddon(),
      });
      await use(pool);
    } finally {
      await pool.close();
    }
  }

  const picture = (shade: number): Uint8Array => new Uint8Array(PIXELS).fill(shade);
  const answer = async (pool: ModelPool, ...examples: readonly Example[]): Promise<readonly number[]> =>
    (await pool.run(examples)).outputs.flatMap((numbers) => [...numbers]);

  it('ends no thread that still loads its code', async () => {
    const wereReady: boolean[] = [];
    const watch = (worker: Worker): void => {
      let isReady = false;
      worker.once('message', () => (isReady = true));
      const terminate = worker.terminate.bind(worker);
      worker.terminate = () => {
        wereReady.push(isReady);
        return terminate();
      };
    };
    process.on('worker', watch);
    try {
      await new ModelPool(2).close();
    } finally {
      process.off('worker', watch);
    }
    expect(wereReady).to.deep.equal([true, true]);
  });

  it('gives each run the outputs of its own pictures, whatever runs beside it and after it', () =>
    withPool(2, async (pool) => {
      const shades = [9, 90, 200, 255];
      const alone: (readonly number[])[] = [];
      for (const shade of shades) alone.push(await answer(pool, picture(shade)));
      expect(new Set(alone.map(String)).size).to.equal(4);

      const [kept = []] = (await pool.run([picture(9)])).outputs;
      const pairs = await Promise.all([
        answer(pool, picture(9), picture(255)),
        answer(pool, picture(200), picture(90)),
      ]);
      await answer(pool, ...shades.map(() => picture(1)));
      expect([...kept]).to.deep.equal(alone[0]);
      const expected = [alone[0], alone[3], alone[2], alone[1]].flat();
      pairs.flat().forEach((value, at) => expect(value).to.be.closeTo(expected[at] ?? NaN, 1e-6));
    }));

  it('takes as many floats as pixels, and what no batch may have leaves no trace', () =>
    withPool(1, async (pool) => {
      const floats = new Float32Array(PIXELS).fill(90 / 255);
      const [pixels, numbers] = [
        await answer(pool, picture(90)),
        await answer(pool, ...[1, 2, 3, 4].map(() => floats)),
      ];
      expect(numbers).to.have.length(40);
      numbers.forEach((value, at) => expect(value).to.be.closeTo(pixels[at % 10] ?? NaN, 1e-5));

      const tooMany = pool.run(Array.from({ length: 5 }, () => floats));
      expect(await tooMany.catch((error: unknown) => error)).to.include({ code: 'internal' });
      expect(await answer(pool, picture(90))).to.deep.equal(pixels);
    }));

  /** An answer before its reply: no message comes without a turn of the event loop. */
  async function early(pool: ModelPool, example: Example): Promise<readonly number[]> {
    const answered = answer(pool, example);
    const patience = performance.now() + 5000;
    while (!pool.handOutEarly() && performance.now() < patience);
    let turned = false;
    setImmediate(() => (turned = true));
    const outputs = await answered;
    expect(turned, 'the event loop').to.equal(false);
    return outputs;
  }

  it('hands out what lies in a tray before its reply is here', () =>
    withPool(1, async (pool) => {
      const expected = await answer(pool, picture(9));
      expect(await early(pool, picture(9))).to.deep.equal(expected);
      expect(pool.handOutEarly(), 'a second time').to.equal(false);
    }));

  it('ends no thread that has yet to reply', async () => {
    let pool: ModelPool | undefined;
    await withPool(1, async (used) => {
      pool = used;
      await early(used, picture(9));
      expect(used.tensors, 'told of by replies').to.equal(0);
    });
    expect(pool?.tensors).to.equal(1);
  });

  it('mixes up no trays, however answers and replies follow on each other', () =>
    withPool(2, async (pool) => {
      const shades = Array.from({ length: 32 }, (_, at) => at * 8);
      const expected: (readonly number[])[] = [];
      for (const shade of shades) expected.push(await answer(pool, picture(shade)));

      let early = 0;
      let open = true;
      const look = (): void => {
        const until = performance.now() + 0.2;
        while (performance.now() < until) if (pool.handOutEarly()) early += 1;
        if (open) setImmediate(look);
      };
      look();
      const clients = [0, 1].map(async (client) => {
        for (let run = 0; run < 500; run++) {
          const at = (run * 7 + client * 3) % shades.length;
          expect(await answer(pool, picture(shades[at] ?? 0))).to.deep.equal(expected[at]);
        }
      });
      await Promise.all(clients);
      open = false;
      expect(early).to.be.above(0);
    }));

  it('has a new worker for one that died, which knows the model', () =>
    withPool(1, async (pool) => {
      const first = await answer(pool, picture(9));
      const worker = born.at(-1);
      const before = born.length;
      await worker?.terminate();
      expect(await answer(pool, picture(9))).to.deep.equal(first);
      expect(born).to.have.length(before + 1);
    }));
});
