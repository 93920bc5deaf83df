import { expect } from 'chai';
import fc from 'fast-check';
import { topK } from '../../src/contracts/top-k.js';
import { refused } from '../helpers/refused.js';

describe('topK', () => {
  it('returns the most probable classes, best first', () => {
    expect(topK(Float32Array.of(0.25, 0.5, 0.125, 0.125), 2)).to.deep.equal([
      { index: 1, probability: 0.5 },
      { index: 0, probability: 0.25 },
    ]);
  });

  it('keeps class order among equal probabilities', () => {
    const ranked = topK(Float32Array.of(0.25, 0.25, 0.25, 0.25), 3);
    expect(ranked.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
  });

  it('returns every class where k exceeds their number', () => {
    expect(topK(Float32Array.of(0.75, 0.25), 1000)).to.have.length(2);
  });

  it('agrees with sorting everything', () => {
    const probabilities = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 60 });
    fc.assert(
      fc.property(probabilities, fc.integer({ min: 1, max: 70 }), (values, k) => {
        const sorted = Array.from(values, (probability, index) => ({ index, probability }))
          .sort((a, b) => b.probability - a.probability || a.index - b.index)
          .slice(0, k);
        expect(topK(values, k).map(({ index }) => index)).to.deep.equal(sorted.map(({ index }) => index));
      }),
    );
  });

  for (const strange of [NaN, Infinity, -Infinity]) {
    it(`refuses ${strange} instead of losing it in the ranking`, async () => {
      const error = await refused(() => topK(Float32Array.of(0.5, strange), 1), 'inference_failed');
      expect(error.detail).to.include('class 1').and.to.include(String(strange));
    });
  }
});
