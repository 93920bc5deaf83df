// Checkpoints made from an architecture alone go the whole way: written, read, converted, served.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { measureFidelity } from '../../src/cli/fidelity.js';
import { synthesise } from '../../src/convert/fidelity/synthesise.js';
import { startService } from '../helpers/service.js';

const CASES = 'test/fixtures/layers';

describe('synthesised checkpoints', () => {
  let work: string;

  beforeEach(async () => {
    work = await mkdtemp(path.join(os.tmpdir(), 'h5serve-synth-'));
  });

  afterEach(() => rm(work, { recursive: true }));

  for (const name of [
    'nested-not-trainable',
    'separable-multiplier-2',
    'mha',
    'nested-three-deep',
    'time-distributed-dense',
  ]) {
    it(`of ${name} give what Keras gives`, async () => {
      const checkpoint = path.join(work, 'model.h5');
      await synthesise({ source: path.join(CASES, `${name}.json`), target: checkpoint, maxParameters: 1e6 });
      const { absolute } = await measureFidelity({
        checkpoint,
        expectedFile: path.join(CASES, `${name}.json`),
        precision: 'float32',
        maxParameters: 1e6,
      });
      expect(absolute).to.be.below(1e-5);
    });
  }

  it('of a channels_first network are served from pictures with the channels last', async () => {
    const folder = path.join(work, 'models', 'first', '1');
    await mkdir(folder, { recursive: true });
    await synthesise({
      source: path.join(CASES, 'channels-first.json'),
      target: path.join(folder, 'model.h5'),
      maxParameters: 1e6,
    });
    await writeFile(
      path.join(folder, 'manifest.json'),
      JSON.stringify({ output: 'logits', input: { scale: '-1..1' } }),
    );
    const service = await startService({ MODELS_DIR: path.join(work, 'models') });
    try {
      expect(service.classifier.failures()).to.deep.equal([]);
      const { info } = service.classifier.model();
      expect(info.input).to.include({ height: 8, width: 8, channels: 3 });
      const response = await request(service.app).post('/predict').attach('file', 'test/fixtures/digit.png');
      expect(response.status).to.equal(200);
    } finally {
      await service.close();
    }
  });

  it('with two outputs are served by the one that the manifest names', async () => {
    const folder = path.join(work, 'models');
    const checkpoint = path.join(work, 'model.h5');
    await synthesise({
      source: path.join(CASES, 'two-outputs.json'),
      target: checkpoint,
      maxParameters: 1e6,
    });
    for (const [version, manifest] of [
      ['1', {}],
      ['2', { output_layer: 'score' }],
      ['3', { output_layer: 'nonsense' }],
    ] as const) {
      await mkdir(path.join(folder, 'two', version), { recursive: true });
      await copyFile(checkpoint, path.join(folder, 'two', version, 'model.h5'));
      await writeFile(path.join(folder, 'two', version, 'manifest.json'), JSON.stringify(manifest));
    }
    const service = await startService({ MODELS_DIR: folder });
    try {
      expect(service.classifier.model('two', '1').info.labels).to.have.length(4);
      expect(service.classifier.model('two', '1').info.notices.join()).to.include('classes, score');
      expect(service.classifier.model('two', '2').info.labels).to.have.length(2);
      expect(service.classifier.failures().map(({ version, code }) => [version, code])).to.deep.equal([
        ['3', 'manifest_invalid'],
      ]);
    } finally {
      await service.close();
    }
  });
});
