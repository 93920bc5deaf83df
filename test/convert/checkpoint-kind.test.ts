import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { kindOf, mainFile, sourceFiles } from '../../src/convert/checkpoint-kind.js';
import { refused } from '../helpers/refused.js';

const FIXTURES = 'test/fixtures/saved-models';

describe('kinds of checkpoints', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-kind-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('are told by what is in the file, not by its name', async () => {
    expect(await kindOf(`${FIXTURES}/keras_export/saved_model.pb`)).to.equal('saved-model');
    expect(await kindOf(`${FIXTURES}/tf1_variables/saved_model.pb`)).to.equal('saved-model');
    expect(await kindOf(`${FIXTURES}/tf1_frozen.pb`)).to.equal('frozen-graph');
    expect(await kindOf(`${FIXTURES}/frozen_sigmoid.pb`)).to.equal('frozen-graph');
    expect(await kindOf(`${FIXTURES}/tfjs_graph/model.json`)).to.equal('tfjs');
    expect(await kindOf('saved_models/digits/v1/model.h5')).to.equal('keras');
  });

  const kindOfText = async (text: string): Promise<string> => {
    const file = path.join(folder, 'model.pb');
    await writeFile(file, text, 'latin1');
    return kindOf(file);
  };

  it('leave what they do not know to the reader of Keras files, which says what it is', async () => {
    expect(await kindOfText('')).to.equal('keras');
    expect(await kindOfText('version https://git-lfs.github.com/spec/v1')).to.equal('keras');
    expect(await kindOfText('<html>')).to.equal('keras');
  });

  it('are not taken in by a graph whose first node is 123 bytes long, or by JSON that begins with an empty line', async () => {
    expect(await kindOfText('\n{\n\x01x')).to.equal('frozen-graph');
    expect(await kindOfText('\n{\n  "modelTopology": {}')).to.equal('tfjs');
  });

  it('have all their files in the hash of a model', async () => {
    const names = async (checkpoint: string) =>
      (await sourceFiles(checkpoint)).map((file) => path.basename(file));
    expect(await names(`${FIXTURES}/tfjs_graph`)).to.deep.equal([
      'model.json',
      'group1-shard1of2.bin',
      'group1-shard2of2.bin',
    ]);
    expect(await names(`${FIXTURES}/keras_export`)).to.deep.equal([
      'saved_model.pb',
      'variables.data-00000-of-00001',
      'variables.index',
    ]);
    expect(await names(`${FIXTURES}/frozen_sigmoid.pb`)).to.deep.equal(['frozen_sigmoid.pb']);
  });

  it('are looked for in a folder, which may hold none', async () => {
    expect(await mainFile(`${FIXTURES}/keras_export`)).to.equal(`${FIXTURES}/keras_export/saved_model.pb`);
    await refused(mainFile(folder), 'checkpoint_missing');
    await refused(kindOf(path.join(folder, 'absent.pb')), 'checkpoint_missing');
  });
});
