import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { applyThreadSettings } from '../../src/config/thread-settings.js';
import { AppError } from '../../src/errors/app-error.js';
import type { Precision } from '../../src/contracts/model.js';
import type { Scale } from '../../src/contracts/preprocessing.js';
import { convertOpened } from '../../src/convert/convert-layers.js';
import { SyntheticWeights } from '../../src/convert/fidelity/synthetic-weights.js';
import { readArchitecture } from '../../src/convert/keras/read-architecture.js';
import { splitTensor } from '../../src/inference/split-tensor.js';
import { loadAddon } from '../../src/native/addon.js';
import { sharedWeights } from '../../src/native/own-addon.js';
import { NativeSession } from '../../src/native/session.js';
import { startService, type TestService } from '../helpers/service.js';

const layer = (class_name: string, name: string, config: object) => ({
  class_name,
  config: { name, ...config },
});

/** A network as Keras writes it, on pictures of 6 by 4 in three channels. */
const network = (input: readonly number[], format: 'channels_first' | 'channels_last') => ({
  class_name: 'Sequential',
  config: {
    name: 'sequential',
    layers: [
      layer('InputLayer', 'input', { batch_input_shape: [null, ...input], dtype: 'float32' }),
      ...(input.length === 3
        ? [
            layer('Conv2D', 'conv', {
              filters: 5,
              kernel_size: [3, 3],
              padding: 'same',
              activation: 'relu',
              data_format: format,
            }),
          ]
        : []),
      layer('Flatten', 'flatten', { data_format: format }),
      layer('Dense', 'dense', { units: 4, activation: 'softmax' }),
    ],
  },
});

const numbers = (count: number) => Float32Array.from({ length: count }, (_, at) => Math.sin(at * 7.3) * 0.9);

describe('Tensors of numbers, as the Keras model takes them', () => {
  before(() => applyThreadSettings({ threadsPerWorker: 1 }));

  /** What the model answers to `values`, fed behind the scaling of the served graph, or to the bare model. */
  async function outputOf(
    architecture: object,
    { precision, scale }: { readonly precision: Precision; readonly scale?: Scale },
    values: (shape: readonly number[], channelsFirst: boolean) => Float32Array,
  ): Promise<Float32Array> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-tensor-'));
    try {
      const checkpoint = {
        architecture: readArchitecture(architecture),
        weights: new SyntheticWeights(1),
        kerasVersion: '2.9.0',
      };
      const { inputShape, inputDtype, channelsFirst } = await convertOpened(checkpoint, {
        write: { folder, weights: sharedWeights() },
        precision,
        maxParameters: 1e6,
        head:
          scale === undefined
            ? { kind: 'raw', size: [] }
            : { kind: 'pictures', scale, output: 'auto', size: {} },
      });
      const shape = inputShape.slice(1).map(Number);
      const session = new NativeSession(loadAddon(), folder, { dtype: inputDtype, shape });
      try {
        return session.run(values(shape, channelsFirst), 2);
      } finally {
        session.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  const cases = [
    { title: 'channels last', input: [6, 4, 3], format: 'channels_last' },
    { title: 'channels first', input: [3, 6, 4], format: 'channels_first' },
    { title: 'a flat picture', input: [48], format: 'channels_last' },
  ] as const;

  for (const { title, input, format } of cases) {
    for (const precision of ['float32', 'bfloat16'] as const) {
      for (const scale of ['caffe', '0..1', 'raw'] as const) {
        it(`${title}, ${precision}, scaled as ${scale}: the same answer as from the bare model`, async () => {
          const architecture = network(input, format);
          const values = numbers(2 * input.reduce<number>((product, size) => product * size, 1));
          const bare = await outputOf(architecture, { precision }, () => values);
          const served = await outputOf(architecture, { precision, scale }, (shape, channelsFirst) => {
            const examples = splitTensor(values, 2, { shape, channelsFirst });
            return Float32Array.from(examples.flatMap((example) => [...example]));
          });
          expect([...served].map((value) => value.toFixed(6))).to.deep.equal(
            [...bare].map((value) => value.toFixed(6)),
          );
          expect(new Set(bare).size, 'the answers must differ to prove anything').to.be.greaterThan(4);
        });
      }
    }
  }

  describe('of a served model', () => {
    let service: TestService;
    before(async () => {
      service = await startService();
    });
    after(() => service.close());

    const deadline = () => ({ deadline: performance.now() + 10_000 });
    const pixels = Uint8Array.from({ length: 784 }, (_, at) => (at * 37) % 256);

    it('answers scaled numbers as it answers the pixels, and several images as each alone', async () => {
      const model = service.classifier.model('digits');
      const dark = new Uint8Array(784);
      const tensor = Float32Array.from([...dark, ...pixels], (value) => value / 255);
      const [first, second] = await model.classifyAll([pixels.slice(), dark], deadline());
      const [third, fourth] = await model.classifyTensor(tensor, 2, deadline());
      const alone = await model.classify(pixels.slice(), deadline());
      const close = (a: Float32Array | undefined, b: Float32Array | undefined) => {
        expect(a).to.have.length(10);
        a?.forEach((value, at) => expect(value).to.be.closeTo(b?.[at] ?? NaN, 1e-4));
      };
      close(first?.probabilities, fourth?.probabilities);
      close(second?.probabilities, third?.probabilities);
      close(alone.probabilities, first?.probabilities);
    });

    it('refuses a tensor of another length, saying what was expected', async () => {
      const model = service.classifier.model('digits');
      const refused = await model
        .classifyTensor(new Float32Array(785), 1, deadline())
        .catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(AppError).with.property('code', 'invalid_parameter');
      expect((refused as AppError).detail)
        .to.include('784')
        .and.include('785');
    });
  });
});
