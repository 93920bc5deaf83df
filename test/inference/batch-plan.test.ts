import { expect } from 'chai';
import fc from 'fast-check';
import { cheapestSize, planBatch, type Moment } from '../../src/inference/batch-plan.js';
import { CostCurve } from '../../src/inference/cost-curve.js';

const curves = fc
  .array(fc.double({ min: 0.05, max: 100, noNaN: true }), { minLength: 6, maxLength: 6 })
  .map((steps) => {
    let ms = 0;
    return new CostCurve([1, 2, 4, 8, 16, 32].map((size, at) => ({ size, ms: (ms += steps[at] ?? 1) })));
  });

const moments = fc.record<Moment>({
  queued: fc.integer({ min: 1, max: 500 }),
  idle: fc.integer({ min: 1, max: 8 }),
  busy: fc.integer({ min: 0, max: 8 }),
  nextFreeMs: fc.double({ min: 0, max: 500, noNaN: true }),
  gapMs: fc.double({ min: 0, max: 1000, noNaN: true }),
  sinceArrivalMs: fc.double({ min: 0, max: 100, noNaN: true }),
  oldestWaitedMs: fc.double({ min: 0, max: 100, noNaN: true }),
});

const limits = { maxBatch: 32, maxDelayMs: 5 };

const last: Moment = {
  queued: 1,
  idle: 1,
  busy: 1,
  nextFreeMs: 100,
  gapMs: 1,
  sinceArrivalMs: 0,
  oldestWaitedMs: 0,
};
/** As a device that computes all of a batch at once. */
const flat = () => 100;
const linear = (images: number) => 10 * images;

describe('planBatch', () => {
  it('plans for at least one image, never for more than wait or than the largest batch', () => {
    fc.assert(
      fc.property(moments, curves, (moment, curve) => {
        const { size } = planBatch(moment, limits, curve.cost);
        expect(size).to.be.within(1, Math.min(moment.queued, limits.maxBatch));
      }),
    );
  });

  it('never waits when the model is idle, when a worker stays free, or past the longest delay', () => {
    fc.assert(
      fc.property(moments, curves, (moment, curve) => {
        const { waitMs } = planBatch(moment, limits, curve.cost);
        expect(waitMs).to.be.at.least(0);
        expect(waitMs).to.be.at.most(Math.max(0, limits.maxDelayMs - moment.oldestWaitedMs));
        if (moment.busy === 0 || moment.idle > 1 || moment.queued >= limits.maxBatch)
          expect(waitMs).to.equal(0);
      }),
    );
  });

  it('never waits where images gain nothing by each other', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        expect(planBatch(moment, limits, linear).waitMs).to.equal(0);
      }),
    );
  });

  it('waits for an image that comes soon and would else be shut out for long', () => {
    expect(planBatch(last, limits, flat).waitMs).to.be.greaterThan(0);
    expect(planBatch({ ...last, gapMs: 90 }, limits, flat).waitMs, 'comes late').to.equal(0);
    expect(planBatch({ ...last, nextFreeMs: 1 }, limits, flat).waitMs, 'a worker is soon free').to.equal(0);
    expect(planBatch({ ...last, sinceArrivalMs: 3 }, limits, flat).waitMs, 'did not come').to.equal(0);
  });

  it('chooses the size at which an image costs least, and the smaller of two that are alike', () => {
    fc.assert(
      fc.property(curves, ({ cost }) => {
        const chosen = cheapestSize(32, cost);
        for (let size = 1; size <= 32; size++)
          expect(cost(chosen) / chosen).to.be.at.most((cost(size) / size) * 1.03 + 1e-9);
      }),
    );
    expect(cheapestSize(32, linear)).to.equal(1);
    expect(cheapestSize(32, flat)).to.equal(32);
  });

  it('spreads dear images over free workers and leaves cheap ones together', () => {
    const moment = { ...last, queued: 8, idle: 2, busy: 0 };
    const dear = (images: number) => 5 + 10 * images;
    const cheap = (images: number) => 0.1 + 0.001 * images;
    expect(planBatch(moment, limits, dear).size).to.equal(4);
    expect(planBatch(moment, limits, cheap).size).to.equal(8);
  });
});
