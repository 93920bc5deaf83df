import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../src/errors/app-error.js';
import { listModels, parseLabels, readDefinition } from '../../src/models/repository.js';

describe('model repository', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-models-'));
  });

  afterEach(() => rm(root, { recursive: true }));

  async function put(file: string, text = 'x'): Promise<void> {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }

  const listed = async () => (await listModels(root)).map(({ name, version }) => `${name}/${version}`);

  it('finds versions, a checkpoint without a version, and a loose file', async () => {
    await put('digits/v10/model.h5');
    await put('digits/v2/model.h5');
    await put('flowers/model.keras');
    await put('cats.hdf5');
    expect(await listed()).to.deep.equal(['cats/1', 'digits/v2', 'digits/v10', 'flowers/1']);
  });

  it('passes over hidden folders and files that are no checkpoints', async () => {
    await put('.cache/digits/x.h5');
    await put('README.md');
    await put('digits/v1/model.h5');
    expect(await listed()).to.deep.equal(['digits/v1']);
  });

  it('makes names that fit into URLs and logs', async () => {
    await put('My best model (2).h5');
    await put('-rf.h5');
    expect(await listed()).to.deep.equal(['My-best-model-2-/1', 'rf/1']);
  });

  it('asks which checkpoint is meant where there are several', async () => {
    await put('a/1/first.h5');
    await put('a/1/second.h5');
    const [source] = await listModels(root);
    const error = await readDefinition(source ?? expect.fail()).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(AppError).with.property('code', 'checkpoint_missing');
    await put('a/1/manifest.json', '{"checkpoint":"second.h5"}');
    expect((await readDefinition(source ?? expect.fail())).checkpoint).to.equal(
      path.join(root, 'a/1/second.h5'),
    );
  });

  it('finds SavedModels, frozen graphs and models of TensorFlow.js, and what lies beside them', async () => {
    await put('exported/v1/saved_model.pb');
    await put('exported/v1/fingerprint.pb');
    await put('exported/v1/variables/variables.index');
    await put('served/saved_model.pb');
    await put('inside/v1/saved_model/saved_model.pb');
    await put('frozen/v1/graph.pb');
    await put('loose.pb');
    await put('tfjs/model.json');
    await put('tfjs/group1-shard1of1.bin');
    await put('weights/v1/model.weights.h5');
    await put('weights/v1/model.json');
    const sources = await listModels(root);
    const checkpoints = await Promise.all(
      sources.map(async (source) => (await readDefinition(source)).checkpoint),
    );
    expect(checkpoints.map((file) => path.relative(root, file))).to.deep.equal([
      'exported/v1/saved_model.pb',
      'frozen/v1/graph.pb',
      'inside/v1/saved_model',
      'loose.pb',
      'served/saved_model.pb',
      'tfjs/model.json',
      'weights/v1/model.weights.h5',
    ]);
  });

  it('says when the labels that the manifest names are not there', async () => {
    await put('a/1/model.h5');
    await put('a/1/manifest.json', '{"labels":"names.txt"}');
    const [source] = await listModels(root);
    const error = await readDefinition(source ?? expect.fail()).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'labels_mismatch');
  });
});

describe('labels', () => {
  it('are one a line, whichever the line ends, with a blank end ignored', () => {
    expect(parseLabels('\uFEFFcat\r\ndog\r\n\r\n')).to.deep.equal(['cat', 'dog']);
  });

  it('lose the numbers that Teachable Machine puts before them', () => {
    expect(parseLabels('0 cat\n1 big dog\n')).to.deep.equal(['cat', 'big dog']);
  });

  it('keep numbers that are the labels', () => {
    expect(parseLabels('0\n1\n2\n')).to.deep.equal(['0', '1', '2']);
    expect(parseLabels('7 up\n3 musketeers')).to.deep.equal(['7 up', '3 musketeers']);
  });
});
