// Models that are no Keras files, dropped into the models folder: served like any other.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import request from 'supertest';
import { convertCheckpoint } from '../../src/convert/convert.js';
import { predictionSchema } from '../../src/http/schemas/prediction.js';
import { loadAddon } from '../../src/native/addon.js';
import { NativeSession } from '../../src/native/session.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

const FIXTURES = 'test/fixtures/saved-models';
const SIDE = 12;

interface Dropped {
  readonly fixture: string;
  /** Below the models folder. */
  readonly to: string;
  readonly manifest?: object;
  /** Divides pixels; 255 unless the model does so itself. */
  readonly divisor?: number;
  readonly channelsFirst?: true;
  /** From what the model gives to one probability per class. */
  readonly after?: (outputs: readonly number[]) => readonly number[];
}

const softmax = (logits: readonly number[]): readonly number[] => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

const MODELS: Readonly<Record<string, Dropped>> = {
  'a SavedModel as the version folder': { fixture: 'keras_export', to: 'exported/v1' },
  'a SavedModel in the version folder': {
    fixture: 'tf1_variables',
    to: 'old/v1/saved_model',
    channelsFirst: true,
  },
  'a SavedModel as the model folder, any size': {
    fixture: 'any_size',
    to: 'any',
    manifest: { input: { size: [SIDE, SIDE] } },
    after: softmax,
  },
  'a SavedModel with two outputs': {
    fixture: 'two_outputs',
    to: 'two/v1',
    manifest: { signature: 'classify', graph: { output: 'probabilities' } },
  },
  'a SavedModel that wants bytes': { fixture: 'uint8_input', to: 'bytes/v1', divisor: 1 },
  'a frozen graph in its folder': { fixture: 'tf1_frozen.pb', to: 'frozen/v1/graph.pb' },
  'a frozen graph that takes one picture at a time, and scales it itself': {
    fixture: 'one_picture.pb',
    to: 'one.pb',
    divisor: 1,
  },
  'a loose frozen graph': {
    fixture: 'frozen_sigmoid.pb',
    to: 'sigmoid.pb',
    after: ([p = NaN]) => [1 - p, p],
  },
  'a tfjs model in layers format': { fixture: 'tfjs_layers', to: 'layers/v1' },
  'a tfjs model in graph format': { fixture: 'tfjs_graph', to: 'graph' },
};

describe('models of other kinds', () => {
  let root: string;
  let service: TestService;
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * 37) % 256);

  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-kinds-'));
    for (const { fixture, to, manifest } of Object.values(MODELS)) {
      await mkdir(path.dirname(path.join(root, to)), { recursive: true });
      await cp(path.join(FIXTURES, fixture), path.join(root, to), { recursive: true });
      if (manifest !== undefined)
        await writeFile(path.join(root, to, 'manifest.json'), JSON.stringify(manifest));
    }
    service = await startService({ MODELS_DIR: root, PRECISION: 'float32', WORKERS: '1' });
  });

  after(async () => {
    await service.close();
    await rm(root, { recursive: true });
  });

  for (const [title, dropped] of Object.entries(MODELS)) {
    it(`are served: ${title}`, async () => {
      const model = dropped.to.replace(/[/.].*/, '');
      const picture = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
        .png()
        .toBuffer();
      const { body, status } = await replyOf(
        request(service.app).post(`/predict?model=${model}`).attach('file', picture, 'picture.png'),
      );
      expect(status, JSON.stringify(body)).to.equal(200);
      const { all_probabilities: answered = {} } = predictionSchema.parse(body);
      const expected = await probabilities(dropped);
      expect(Object.keys(answered)).to.have.length(expected.length);
      expected.forEach((value, at) => expect(answered[String(at)], `class ${at}`).to.be.closeTo(value, 1e-5));
    });
  }

  /** What the model itself gives, without our first and last nodes. */
  async function probabilities({
    fixture,
    divisor = 255,
    channelsFirst,
    after: finish = (outputs) => outputs,
    manifest,
  }: Dropped) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-raw-'));
    try {
      const { inputShape } = await convertCheckpoint({
        checkpoint: path.join(FIXTURES, fixture),
        write: { folder, weights: 'inside' },
        precision: 'float32',
        maxParameters: 1e9,
        head: { kind: 'raw', size: [SIDE, SIDE, 3] },
        graph: { output: manifest !== undefined && 'graph' in manifest ? 'probabilities' : undefined },
      });
      const session = new NativeSession(loadAddon(), folder, {
        dtype: 'float32',
        shape: inputShape.slice(1).map(Number),
      });
      try {
        const scaled = Float32Array.from(pixels, (value) => value / divisor);
        return finish([...session.run(channelsFirst ? planes(scaled) : scaled, 1)]);
      } finally {
        session.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Channels first: all of red, then all of green, then all of blue. */
  const planes = (values: Float32Array): Float32Array =>
    Float32Array.from(
      values,
      (_, at) => values[(at % (SIDE * SIDE)) * 3 + Math.floor(at / (SIDE * SIDE))] ?? NaN,
    );
});
