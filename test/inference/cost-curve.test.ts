import { expect } from 'chai';
import fc from 'fast-check';
import { CostCurve } from '../../src/inference/cost-curve.js';

const WARM = [
  { size: 1, ms: 2 },
  { size: 4, ms: 5 },
  { size: 8, ms: 9 },
];

describe('CostCurve', () => {
  it('draws straight lines between the sizes that were warmed up', () => {
    const { cost } = new CostCurve(WARM);
    expect([1, 2, 4, 6, 8].map(cost)).to.deep.equal([2, 3, 5, 7, 9]);
  });

  it('takes a larger batch that seemed cheaper for noise', () => {
    const { cost } = new CostCurve([
      { size: 1, ms: 3 },
      { size: 2, ms: 2 },
    ]);
    expect(cost(2)).to.equal(3);
  });

  it('comes to any cost that a size has from now on, whatever was measured before', () => {
    const ms = fc.double({ min: 0.05, max: 1000, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.constantFrom(1, 2, 3, 5, 8), (before, after, size) => {
        const curve = new CostCurve(WARM.map((point) => ({ ...point, ms: point.ms * before })));
        for (let run = 0; run < 400; run++) curve.observe(size, after);
        expect(curve.cost(size)).to.be.closeTo(after, after / 20);
      }),
    );
  });

  it('learns the shape from two sizes in turn', () => {
    const curve = new CostCurve(WARM);
    for (let run = 0; run < 400; run++) {
      curve.observe(1, 1);
      curve.observe(8, 20);
    }
    expect(curve.cost(1)).to.be.closeTo(1, 0.05);
    expect(curve.cost(8)).to.be.closeTo(20, 1);
  });

  it('is moved no more than a tenth by one stray run', () => {
    const curve = new CostCurve(WARM);
    curve.observe(4, 10_000);
    expect(curve.cost(4)).to.be.at.most(5.5 + 1e-9);
  });

  it('lets other sizes follow: a computer that is busier is so for all of them', () => {
    const curve = new CostCurve(WARM);
    for (let run = 0; run < 50; run++) curve.observe(1, 4);
    expect(curve.cost(8)).to.be.greaterThan(11);
  });
});
