import { expect } from 'chai';
import { DRIFT_LIMITS, DriftMonitor } from '../../../src/observability/drift/monitor.js';
import { PredictionWindow } from '../../../src/observability/drift/window.js';

const EVEN = [0.25, 0.25, 0.25, 0.25];
const SURE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const reference = { samples: 10_000, classes: EVEN, confidence: SURE };

/** Classes in turn, so that shares come out exactly. */
const feed = (
  monitor: DriftMonitor,
  count: number,
  classOf: (at: number) => number,
  confidence = 0.95,
): void => {
  for (let at = 0; at < count; at += 1) monitor.record(classOf(at), confidence);
};

describe('drift', () => {
  it('is not judged before there are enough predictions', () => {
    const monitor = new DriftMonitor({ classes: 4, reference });
    expect(monitor.report()).to.include({ status: 'collecting', predictions: 0, classes: null });
    feed(monitor, DRIFT_LIMITS.minimum - 1, () => 0);
    expect(monitor.report().status).to.equal('collecting');
    feed(monitor, 1, () => 0);
    expect(monitor.report().status).to.equal('drift');
  });

  it('is stable where the classes come as often as in the reference', () => {
    const monitor = new DriftMonitor({ classes: 4, reference });
    feed(monitor, 400, (at) => at % 4);
    const report = monitor.report();
    expect(report).to.include({ status: 'stable', source: 'manifest', referenceSamples: 10_000 });
    expect(report.classes?.psi).to.be.below(0.01);
  });

  it('is a warning, then drift, the further the shares move', () => {
    const warned = new DriftMonitor({ classes: 4, reference });
    feed(warned, 1000, (at) => (at % 20 < 6 ? 0 : at % 4));
    expect(warned.report().status).to.equal('warning');
    const drifted = new DriftMonitor({ classes: 4, reference });
    feed(drifted, 1000, (at) => (at % 20 < 15 ? 0 : at % 4));
    expect(drifted.report().status).to.equal('drift');
  });

  it('is seen in the confidence alone', () => {
    const monitor = new DriftMonitor({ classes: 4, reference });
    feed(monitor, 400, (at) => at % 4, 0.5);
    const report = monitor.report();
    expect(report.status).to.equal('drift');
    expect(report.classes?.psi).to.be.below(0.01);
    expect(report.confidence?.psi).to.be.above(1);
  });

  it('passes when the pictures are as before again: old predictions leave the window', () => {
    const monitor = new DriftMonitor({ classes: 4, reference });
    feed(monitor, 1000, () => 0);
    expect(monitor.report().status).to.equal('drift');
    feed(monitor, DRIFT_LIMITS.window, (at) => at % 4);
    expect(monitor.report()).to.include({ status: 'stable', predictions: DRIFT_LIMITS.window });
  });

  it('is measured against the first predictions where there is no reference', () => {
    const monitor = new DriftMonitor({ classes: 4, reference: null });
    feed(monitor, DRIFT_LIMITS.baseline, (at) => at % 2);
    expect(monitor.report()).to.include({
      status: 'collecting',
      source: 'first_predictions',
      referenceSamples: DRIFT_LIMITS.baseline,
      predictions: 0,
    });
    feed(monitor, 400, (at) => at % 2);
    expect(monitor.report().status).to.equal('stable');
    feed(monitor, 400, (at) => 2 + (at % 2));
    expect(monitor.report().status).to.equal('drift');
  });

  it('of a thousand classes is not called for chance: few predictions of each say little', () => {
    const even = Array.from({ length: 1000 }, () => 0.001);
    const monitor = new DriftMonitor({
      classes: 1000,
      reference: { samples: 50_000, classes: even, confidence: null },
    });
    // Every class once in five: as uneven as chance makes it.
    feed(monitor, 1000, (at) => (at * 7919) % 1000);
    expect(monitor.report()).to.include({ status: 'stable', confidence: null });
  });
});

describe('the window of predictions', () => {
  it('holds as many as fit, and counts what it holds', () => {
    const window = new PredictionWindow(3, 2, 10);
    window.add(0, 0.05);
    expect(window.shares().classes).to.deep.equal([1, 0]);
    for (const confidence of [0.5, 0.99, 1]) window.add(1, confidence);
    expect(window).to.include({ size: 3, full: true });
    expect(window.shares().classes).to.deep.equal([0, 1]);
    expect(window.shares().confidence[9]).to.be.closeTo(2 / 3, 1e-12);
    expect(window.shares().confidence[0]).to.equal(0);
  });
});
