import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { ensureConverted, type CacheRequest } from '../../src/convert/cache.js';

const DIGITS = 'saved_models/digits/v1/model.h5';

describe('conversion cache', () => {
  let work: string;
  let request: CacheRequest;

  beforeEach(async () => {
    work = await mkdtemp(path.join(os.tmpdir(), 'h5serve-cache-'));
    await cp(DIGITS, path.join(work, 'model.h5'));
    request = {
      checkpoint: path.join(work, 'model.h5'),
      cacheDir: path.join(work, 'cache'),
      precision: 'float32',
      maxParameters: 1e9,
      weights: 'held',
      head: { kind: 'pictures', scale: 'auto', output: 'auto', size: {} },
    };
  });

  afterEach(() => rm(work, { recursive: true }));

  const scaledBy = (mean: number): CacheRequest['head'] => ({
    kind: 'pictures',
    scale: { mean, std: 1 },
    output: 'auto',
    size: {},
  });
  const listed = async (): Promise<readonly string[]> =>
    (await readdir(request.cacheDir)).filter((name) => name !== '.hashes.json');
  const receipts = async (): Promise<readonly string[]> =>
    (await listed()).filter((name) => name.endsWith('.json'));

  it('converts once and finds it again', async () => {
    const first = await ensureConverted(request);
    const second = await ensureConverted(request);
    expect([first.fromCache, second.fromCache]).to.deep.equal([false, true]);
    expect(second.savedModelDir).to.equal(first.savedModelDir);
    expect(second.conversion).to.deep.equal(first.conversion);
    expect(second.conversion).to.include({ totalParameters: 225_034, precision: 'float32' });
  });

  it('remembers what the checkpoint held', async () => {
    await ensureConverted(request);
    const known: unknown = JSON.parse(await readFile(path.join(request.cacheDir, '.hashes.json'), 'utf8'));
    expect(known).to.include.keys(request.checkpoint);
  });

  it('makes an entry anew when a setting or the checkpoint changes', async () => {
    const first = await ensureConverted(request);
    const other = await ensureConverted({ ...request, precision: 'bfloat16' });
    expect(other.savedModelDir).to.not.equal(first.savedModelDir);
    await writeFile(
      request.checkpoint,
      Buffer.concat([await readFile(request.checkpoint), Buffer.from('x')]),
    );
    expect((await ensureConverted(request)).sourceHash).to.not.equal(first.sourceHash);
  });

  it('does not trust an entry with a damaged, cut or missing file', async () => {
    const { savedModelDir } = await ensureConverted(request);
    const weights = path.join(savedModelDir, 'weights', '0000.bin');
    const bytes = await readFile(weights);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(weights, bytes);
    const second = await ensureConverted(request);
    expect(second.fromCache, 'one bit').to.equal(false);
    await truncate(path.join(second.savedModelDir, 'saved_model.pb'), 10);
    expect((await ensureConverted(request)).fromCache, 'cut').to.equal(false);
    await Promise.all(
      (await receipts()).map((name) => writeFile(path.join(request.cacheDir, name), '{"folder"')),
    );
    expect((await ensureConverted(request)).fromCache, 'half a receipt').to.equal(false);
    await Promise.all((await receipts()).map((name) => rm(path.join(request.cacheDir, name))));
    expect((await ensureConverted(request)).fromCache, 'no receipt').to.equal(false);
    expect((await ensureConverted(request)).fromCache).to.equal(true);
  });

  it('is whole when two convert at once', async () => {
    const [a, b] = await Promise.all([ensureConverted(request), ensureConverted(request)]);
    expect(a.savedModelDir).to.equal(b.savedModelDir);
    expect((await ensureConverted(request)).fromCache).to.equal(true);
  });

  it('keeps a few entries and leaves nothing half made', async () => {
    for (const mean of [1, 2, 3, 4, 5]) await ensureConverted({ ...request, head: scaledBy(mean) });
    expect(await receipts()).to.have.length(3);
    expect(await listed(), 'with a folder each').to.have.length(6);
  });

  it('removes what was left half made an hour ago, and what is whole after a week', async () => {
    const hours = { 'half, new': 0.5, 'half, old': 2, 'whole, new': 48, 'whole, old': 200 };
    const left = new Map(Object.entries(hours).map(([title, age]) => [title, { name: randomUUID(), age }]));
    for (const [title, { name, age }] of left) {
      const folder = path.join(request.cacheDir, name);
      await mkdir(folder, { recursive: true });
      if (title.startsWith('whole')) await writeFile(path.join(folder, 'saved_model.pb'), '');
      const then = new Date(Date.now() - age * 3_600_000);
      await utimes(folder, then, then);
    }
    await writeFile(path.join(request.cacheDir, 'notes.txt'), 'not ours');
    await ensureConverted(request);
    const names = await listed();
    const kept = [...left].filter(([, { name }]) => names.includes(name)).map(([title]) => title);
    expect(kept).to.deep.equal(['half, new', 'whole, new']);
    expect(names).to.include('notes.txt');
  });

  it('never gives away what it has just made, whatever the clock says of older ones', async () => {
    for (const mean of [1, 2, 3]) await ensureConverted({ ...request, head: scaledBy(mean) });
    const ahead = new Date(Date.now() + 3_600_000);
    for (const name of await receipts()) await utimes(path.join(request.cacheDir, name), ahead, ahead);
    const { savedModelDir } = await ensureConverted(request);
    expect(await readdir(savedModelDir)).to.include('saved_model.pb');
    expect((await ensureConverted(request)).fromCache).to.equal(true);
    expect(await receipts()).to.have.length(3);
  });

  it('converts again what was touched meanwhile', async () => {
    let times = 0;
    const whileConverting = (): void => {
      if (times++ === 0) appendFileSync(request.checkpoint, 'x');
    };
    const { sourceHash } = await ensureConverted({ ...request, whileConverting });
    expect(times).to.equal(2);
    const bytes = await readFile(request.checkpoint);
    expect(sourceHash).to.equal(createHash('sha256').update(bytes).digest('hex'));
    expect(await listed(), 'one receipt and its folder').to.have.length(2);
  });

  it('refuses a checkpoint that changes whenever it is converted', async () => {
    const whileConverting = (): void => appendFileSync(request.checkpoint, 'x');
    const fault: unknown = await ensureConverted({ ...request, whileConverting }).catch(
      (error: unknown) => error,
    );
    expect(fault).to.have.property('code', 'checkpoint_damaged');
    expect(fault).to.have.property('message').that.includes('changed while it was converted');
    expect(await listed(), 'nothing is kept').to.deep.equal([]);
  });
});
