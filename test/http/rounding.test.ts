import { expect } from 'chai';
import fc from 'fast-check';
import { probability } from '../../src/http/rounding.js';

describe('a probability as it is shown', () => {
  it('has the seven digits that a float32 holds', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: 1, noNaN: true }), (value) => {
        const shown = probability(value);
        expect(shown).to.be.closeTo(value, value * 5.01e-7);
        expect(String(shown).replace(/e.*|^0\.0*|\./g, '').length).to.be.at.most(8);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what toPrecision would say', () => {
    for (const value of [0, 1, 0.5, 0.9861999750137329, 1e-9, 0.1, 0.001, 1e-30, 1.5e-45, 0.99999999]) {
      expect(probability(value), String(value)).to.equal(Number(value.toPrecision(7)));
    }
  });
});
