import { expect } from 'chai';
import type { ModelInfo } from '../../src/contracts/model.js';
import { predictionBody } from '../../src/http/prediction-body.js';
import { predictionSchema } from '../../src/http/schemas/prediction.js';
import { refused } from '../helpers/refused.js';

const info = (labels: readonly string[]): ModelInfo => ({
  name: 'm',
  version: 'v1',
  title: 'M',
  labels,
  topK: 3,
  accuracy: null,
  input: {
    height: 1,
    width: 1,
    channels: 1,
    resize: { fit: 'fill', kernel: 'bilinear' },
    invert: false,
    background: 0,
  },
  inputShape: [null, 1, 1, 1],
  outputShape: [null, labels.length],
  totalParameters: 0,
  architecture: [],
  scale: '0..1',
  reference: null,
  precision: 'float32',
  sourceHash: '',
  fingerprint: 'f',
  kerasVersion: null,
  notices: [],
});

const body = (labels: readonly string[], probabilities: number[], all = false) =>
  predictionBody({
    requestId: 'r',
    info: info(labels),
    classification: {
      probabilities: Float32Array.from(probabilities),
      queueMs: 0.1,
      inferenceMs: 1.23456,
      batchSize: 1,
    },
    topK: 2,
    all,
    timings: { receive: 0, decode: 0, queue: 0.1, inference: 1.235, total: 2 },
  });

const many = (count: number): [string[], number[]] => [
  Array.from({ length: count }, (_, at) => `class ${at}`),
  Array.from({ length: count }, (_, at) => (at === 7 ? 1 : 0)),
];

describe('predictionBody', () => {
  it('fits the documented schema', () => {
    predictionSchema.strict().parse(body(['cat', 'dog'], [0.25, 0.75]));
  });

  it('names a digit only where the labels are the ten digits in order', () => {
    const uniform = Array.from({ length: 10 }, () => 0.1);
    expect(body(Array.from('0123456789'), uniform)).to.have.property('predicted_digit', 0);
    expect(body(Array.from('1023456789'), uniform)).not.to.have.property('predicted_digit');
    expect(body(['0', '1'], [0.5, 0.5])).not.to.have.property('predicted_digit');
  });

  it('shows a float32 with the digits it holds', () => {
    expect(body(['a', 'b'], [0.9862, 1.5e-9]).all_probabilities).to.deep.equal({ a: 0.9862, b: 1.5e-9 });
  });

  it('keeps classes of the same label apart', () => {
    const { all_probabilities } = body(
      ['crane', 'cat', 'crane', '__proto__', 'crane#2'],
      [0.5, 0.25, 0.125, 0.125, 0],
    );
    expect(Object.entries(all_probabilities ?? {})).to.deep.equal([
      ['crane', 0.5],
      ['cat', 0.25],
      ['crane#2', 0.125],
      ['__proto__', 0.125],
      ['crane#2#4', 0],
    ]);
  });

  it('leaves all probabilities out for more than 100 labels, unless asked for them', () => {
    expect(body(...many(100))).to.have.property('all_probabilities');
    expect(body(...many(101))).not.to.have.property('all_probabilities');
    expect(body(...many(101), true))
      .to.have.property('all_probabilities')
      .with.property('class 7', 1);
  });

  it('refuses a count of probabilities that does not fit the labels', async () => {
    await refused(() => body(['a', 'b'], [1]), 'inference_failed');
  });
});
