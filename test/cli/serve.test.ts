// `h5serve serve CHECKPOINT --flags` and `h5serve config`, as users type them.
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { settingNames } from '../../src/config/schema.js';
import { flagOf } from '../../src/config/resolve.js';
import { runCli } from '../helpers/cli.js';
import { startServer } from '../helpers/server-process.js';

/** Says that dark on light is turned; its labels count only where none are named. */
const MANIFEST = 'saved_models/digits/v1/manifest.json';
const DIGIT = 'test/fixtures/digit.png';

async function predict(url: string): Promise<Record<string, unknown>> {
  const form = new FormData();
  form.append('image', new Blob([await readFile(DIGIT)]), 'digit.png');
  return (await (await fetch(`${url}/predict`, { method: 'POST', body: form })).json()) as Record<
    string,
    unknown
  >;
}

describe('h5serve serve', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-serve-'));
    await copyFile('saved_models/digits/v1/model.h5', path.join(folder, 'numbers.h5'));
    const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
    await writeFile(path.join(folder, 'words.txt'), words.join('\n'));
  });
  after(() => rm(folder, { recursive: true }));

  it('serves any checkpoint, with its labels, and no folder of models', async () => {
    const files = [path.join(folder, 'numbers.h5'), '--labels', path.join(folder, 'words.txt')];
    const server = await startServer({ MODELS_DIR: '/nowhere', CACHE_DIR: path.join(folder, 'cache') }, [
      ...files,
      '--manifest',
      MANIFEST,
      '--top-k=2',
    ]);
    try {
      const answer = await predict(server.url);
      expect(answer).to.include({ model: 'numbers', model_version: '1', predicted_class: 'five' });
      expect(answer['predictions']).to.have.length(2);
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });

  it('does so by MODEL_PATH, LABELS_PATH, TOP_K and NUM_THREADS, too', async () => {
    const server = await startServer({
      MODEL_PATH: path.join(folder, 'numbers.h5'),
      LABELS_PATH: path.join(folder, 'words.txt'),
      MANIFEST_PATH: MANIFEST,
      TOP_K: '4',
      NUM_THREADS: '2',
      DEFAULT_MODEL: 'digits',
      CACHE_DIR: path.join(folder, 'cache'),
    });
    try {
      const answer = await predict(server.url);
      expect(answer).to.include({ model: 'numbers', predicted_class: 'five' });
      expect(answer['predictions']).to.have.length(4);
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });

  it('ends with the setting named whose file is not there', async () => {
    const { code, stderr } = await runCli(['serve', path.join(folder, 'none.h5'), '--port', '0']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/config_invalid[^]*MODEL_PATH: .*none\.h5 cannot be read/);
  });

  it('says which flag was probably meant', async () => {
    const { code, stderr } = await runCli(['serve', '--prot', '9000']);
    expect(code).to.equal(1);
    expect(stderr).to.include('there is no --prot; did you mean --port?');
    expect((await runCli(['serve', 'a.h5', 'b.h5'])).stderr).to.include('takes one CHECKPOINT');
    expect((await runCli(['serve', '--port', 'x'])).stderr).to.include('found "x" in --port');
  });

  it('lists every setting as a flag in its help', async () => {
    const { stdout } = await runCli(['serve', '--help']);
    for (const name of settingNames) expect(stdout).to.include(flagOf(name));
  });
});

describe('h5serve config', () => {
  it('shows every setting with its value, source and meaning, and no password', async () => {
    const args = ['config', '--port', '9000', '--redis-url=redis://me:secret@host:6379', '--json'];
    const { code, stdout } = await runCli(args);
    expect(code).to.equal(0);
    const shown = JSON.parse(stdout) as Record<string, { value: unknown; source: string; meaning: string }>;
    expect(Object.keys(shown)).to.have.members([...settingNames]);
    expect(shown['PORT']).to.include({ value: 9000, source: 'flag' });
    expect(shown['REDIS_URL']?.value).to.equal('redis://…@host:6379');
    expect(shown['MAX_QUEUE']).to.deep.include({ value: 256, source: 'default' });
    for (const { meaning } of Object.values(shown)) expect(meaning).to.match(/\.$/);
  });

  it('is readable without --json', async () => {
    const { stdout } = await runCli(['config', 'flowers.h5']);
    expect(stdout)
      .to.match(/^Models$/m)
      .and.match(/^ {2}MODEL_PATH +flowers\.h5 +flag +\S/m);
  });
});
