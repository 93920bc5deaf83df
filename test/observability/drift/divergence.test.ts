import { expect } from 'chai';
import fc from 'fast-check';
import {
  chanceIndex,
  jensenShannon,
  smoothed,
  stabilityIndex,
} from '../../../src/observability/drift/divergence.js';

const normalised = (values: readonly number[]): readonly number[] => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
};

const shares = fc
  .array(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 4 })
  .map((counts) => normalised(counts));

describe('divergences', () => {
  it('agree with figures worked out by hand', () => {
    // (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5)
    expect(stabilityIndex([0.6, 0.4], [0.5, 0.5])).to.be.closeTo(0.040547, 1e-6);
    // 1 - (0.75 log2(0.75 ... )) for a certain and an even distribution: 0.311278 bits
    expect(jensenShannon([1, 0], [0.5, 0.5])).to.be.closeTo(0.311278, 1e-6);
    expect(jensenShannon([1, 0], [0, 1])).to.equal(1);
  });

  it('are 0 for equal shares, never negative, and the same both ways round', () => {
    fc.assert(
      fc.property(shares, shares, (a, b) => {
        for (const measure of [stabilityIndex, jensenShannon]) {
          expect(measure(a, a)).to.be.closeTo(0, 1e-12);
          expect(measure(a, b)).to.be.at.least(-1e-12);
          expect(measure(a, b)).to.be.closeTo(measure(b, a), 1e-9);
        }
        expect(jensenShannon(a, b)).to.be.at.most(1 + 1e-12);
      }),
    );
  });

  it('are numbers where a bin is empty, once it is smoothed', () => {
    const found = smoothed([1, 0, 0], 100);
    expect(found.reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-12);
    expect(stabilityIndex(found, smoothed([0, 0, 1], 100)))
      .to.be.above(5)
      .and.below(100);
  });

  it('exceed chance rarely where nothing has changed', () => {
    // A linear congruential generator: the same draws on every run.
    let seed = 1;
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    const draw = (samples: number): readonly number[] => {
      const counts = Array<number>(10).fill(0);
      for (let at = 0; at < samples; at += 1) {
        const bin = Math.floor(random() * 10);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return smoothed(normalised(counts), samples);
    };
    let exceeded = 0;
    for (let trial = 0; trial < 300; trial += 1) {
      if (stabilityIndex(draw(200), draw(1000)) > chanceIndex(10, 200, 1000)) exceeded += 1;
    }
    expect(exceeded).to.be.below(6);
  });
});
