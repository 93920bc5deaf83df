// Recording: cheap, bounded, and never in a request's way.
import { expect } from 'chai';
import type { ModelInfo } from '../../src/contracts/model.js';
import { exposition } from '../../src/observability/exposition.js';
import { Histogram } from '../../src/observability/histogram.js';
import { Monitor } from '../../src/observability/monitor.js';
import { safely } from '../../src/observability/safely.js';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const info = (labels: readonly string[]): ModelInfo => ({
  name: 'm',
  version: '1',
  title: 'm',
  labels,
  topK: 3,
  accuracy: null,
  input: {
    height: 1,
    width: 1,
    channels: 1,
    resize: { fit: 'fill', kernel: 'bilinear' },
    invert: false,
    background: 255,
  },
  scale: '0..1',
  inputShape: [null, 1, 1, 1],
  outputShape: [null, labels.length],
  totalParameters: 0,
  architecture: [],
  reference: null,
  precision: 'float32',
  sourceHash: '',
  fingerprint: '',
  kerasVersion: null,
  notices: [],
});

describe('a histogram', () => {
  it('counts each value at the first bound that is not below it, cumulatively', () => {
    const histogram = new Histogram([1, 2.5]);
    for (const value of [0.5, 1, 2, 3, NaN, Infinity]) histogram.observe(value);
    expect(histogram.samples({ a: 'b' })).to.deep.equal([
      { suffix: '_bucket', labels: { a: 'b', le: '1.0' }, value: 2 },
      { suffix: '_bucket', labels: { a: 'b', le: '2.5' }, value: 3 },
      { suffix: '_bucket', labels: { a: 'b', le: '+Inf' }, value: 4 },
      { suffix: '_sum', labels: { a: 'b' }, value: 6.5 },
      { suffix: '_count', labels: { a: 'b' }, value: 4 },
    ]);
  });
});

describe('the text formats', () => {
  const family = {
    name: 'x',
    help: 'a\nb \\',
    type: 'counter',
    samples: [{ labels: { class: 'a "b"\\\n' }, value: 1.5 }],
  } as const;

  it('escape labels and help, and name counters as each format has it', () => {
    const sample = 'x_total{class="a \\"b\\"\\\\\\n"} 1.5\n';
    expect(exposition([family], 'prometheus')).to.equal(
      `# HELP x_total a\\nb \\\\\n# TYPE x_total counter\n${sample}`,
    );
    expect(exposition([family], 'openmetrics')).to.equal(
      `# HELP x a\\nb \\\\\n# TYPE x counter\n${sample}# EOF\n`,
    );
  });
});

describe('the recorder', () => {
  it('keeps what it throws to itself, and tells of it once', () => {
    const told: string[] = [];
    const fail = (): never => {
      throw new Error('full');
    };
    const recorder = safely(
      { ...quiet, error: (message) => told.push(message) },
      { endpoint: fail, request: fail, predicted: fail, batch: fail },
    );
    for (let at = 0; at < 3; at += 1) recorder.batch(info(['a']), 1);
    recorder.predicted(info(['a']), { probabilities: new Float32Array([1]), queueMs: 0, inferenceMs: 0 });
    expect(told).to.deep.equal(['Metrics cannot be recorded']);
  });

  it('counts no prediction that is not a number', () => {
    const monitor = new Monitor({ logger: quiet, classifier: { models: () => [], failures: () => [] } });
    const model = info(['a', 'b']);
    for (const probabilities of [[NaN, NaN], [NaN, 0.5], []]) {
      monitor.recorder.predicted(model, {
        probabilities: new Float32Array(probabilities),
        queueMs: 0,
        inferenceMs: 1,
      });
    }
    expect(monitor.predictions).to.equal(0);
    monitor.recorder.predicted(model, {
      probabilities: new Float32Array([0.25, 0.75]),
      queueMs: 0,
      inferenceMs: 1,
    });
    expect(monitor.of(model).byClass()).to.deep.equal([
      ['a', 0],
      ['b', 1],
    ]);
  });

  it('tells only of the classes seen where a model has many, and keeps equal labels apart', () => {
    const monitor = new Monitor({ logger: quiet, classifier: { models: () => [], failures: () => [] } });
    const many = info(Array.from({ length: 101 }, () => 'crane'));
    const probabilities = new Float32Array(101);
    probabilities[7] = 1;
    monitor.recorder.predicted(many, { probabilities, queueMs: 0, inferenceMs: 1 });
    expect(monitor.of(many).byClass()).to.deep.equal([['crane#7', 1]]);
  });
});
