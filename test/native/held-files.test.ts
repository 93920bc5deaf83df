import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { GRAPH_INPUT, GRAPH_OUTPUT } from '../../src/contracts/graph-names.js';
import { GraphBuilder } from '../../src/convert/graph/builder.js';
import { matMul } from '../../src/convert/graph/ops/products.js';
import { floats } from '../../src/convert/graph/tensor.js';
import { writeSavedModel } from '../../src/convert/saved-model/write.js';
import { applyThreadSettings } from '../../src/config/thread-settings.js';
import { loadAddon } from '../../src/native/addon.js';
import { loadOwnAddon } from '../../src/native/own-addon.js';
import { NativeSession } from '../../src/native/session.js';
import { needsOwnAddon } from '../helpers/own-addon.js';

/** With 600 inputs, the weights are 1.2 MB: more than is left to TensorFlow to copy. */
const INPUTS = 600;
const OUTPUTS = 500;
const input = { dtype: 'float32', shape: [INPUTS] } as const;
const ones = new Float32Array(INPUTS).fill(1);
/** Each weight is its column's number. */
const expected = Array.from({ length: OUTPUTS }, (_, column) => INPUTS * column);

async function writeModel(folder: string): Promise<void> {
  const g = new GraphBuilder();
  const picture = g.add('Placeholder', { name: GRAPH_INPUT, shape: [null, INPUTS] });
  const weights = Float32Array.from({ length: INPUTS * OUTPUTS }, (_, at) => at % OUTPUTS);
  const product = matMul(g, picture, floats([INPUTS, OUTPUTS], weights));
  const last = g.add('Identity', {
    name: GRAPH_OUTPUT,
    inputs: [product],
    shape: product.shape,
    exact: true,
  });
  await writeSavedModel(g.finish(picture, last), { folder, weights: 'held' });
}

describe('the weights of an open session', function () {
  let folder = '';
  const sessions: NativeSession[] = [];
  const open = (): NativeSession => {
    const session = new NativeSession(loadAddon(), folder, input);
    sessions.push(session);
    return session;
  };
  const close = (): void => {
    for (const session of sessions.splice(0)) session.close();
  };
  /** How many mappings of files in the folder this process has. */
  const mappings = (): number =>
    readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .filter((line) => line.includes(folder)).length;

  before(function () {
    needsOwnAddon(this);
    applyThreadSettings({ threadsPerWorker: 1 });
    // Before any other thread does.
    loadAddon();
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-held-'));
    await writeModel(folder);
  });
  afterEach(async () => {
    close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are mapped once for all sessions, and for as long as one is open', () => {
    const first = open();
    first.run(ones, 1);
    open().run(ones, 1);
    expect(mappings()).to.equal(1);
    sessions.shift()?.close();
    expect(mappings(), 'one is still open').to.equal(1);
    close();
    expect(mappings(), 'none is open').to.equal(0);
  });

  it('are let go of by a thread that ends without closing its session', async () => {
    const worker = new Worker(new URL('support/run-in-thread.js', import.meta.url), {
      workerData: { folder, input, values: ones },
    });
    const [mapped, outputs] = await new Promise<[number, Float32Array]>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (result: Float32Array) => resolve([mappings(), result]));
    });
    expect([...outputs]).to.deep.equal(expected);
    expect(mapped, 'while it lives').to.equal(1);
    await worker.terminate();
    expect(mappings()).to.equal(0);
  });

  it('stay when their folder is deleted', async () => {
    const session = open();
    expect([...session.run(ones, 1)]).to.deep.equal(expected);
    await rm(folder, { recursive: true });
    expect(existsSync(folder)).to.equal(false);
    expect([...session.run(ones, 1)]).to.deep.equal(expected);
  });

  it('that are gone before the first run are told of by name', async () => {
    const [name = ''] = await readdir(path.join(folder, 'weights'));
    const session = open();
    await rm(folder, { recursive: true });
    expect(() => session.run(ones, 1)).to.throw(
      `${path.join(folder, 'weights', name)} cannot be read: was the cache of converted models cleared?`,
    );
  });

  it('are held by absolute paths only', () => {
    const own = loadOwnAddon();
    const wrong = 'a folder is given by its absolute path';
    for (const name of ['', '/', 'weights', '../weights', undefined, 7]) {
      expect(() => own.holdFiles(name as string)).to.throw(TypeError, wrong);
      expect(() => own.letGoOfFiles(name as string)).to.throw(TypeError, wrong);
    }
    expect(() => own.letGoOfFiles('/never/held')).to.not.throw();
  });
});
