import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { CacheRequest, ResultShelf } from '../../src/contracts/result-cache.js';
import { AppError } from '../../src/errors/app-error.js';
import { measureHashCost } from '../../src/inference/hash-cost.js';
import { createResultCache, type ResultCacheOptions } from '../../src/inference/result-cache.js';
import { refused } from '../helpers/refused.js';

const MB = 1024 * 1024;

const asked = (picture: string, more: Partial<CacheRequest> = {}): CacheRequest => ({
  bytes: Buffer.from(picture),
  fingerprint: 'model',
  classes: 2,
  costMs: 10,
  deadline: performance.now() + 10_000,
  ...more,
});

const cache = (options: Partial<ResultCacheOptions> = {}) =>
  createResultCache({ maxBytes: MB, hashCost: { fixedMs: 0.001, perByteMs: 1e-6 }, ...options });

/** Counts how often it was asked. */
function model(probabilities = Float32Array.of(0.25, 0.75), ms = 0) {
  const compute = async () => {
    compute.runs += 1;
    await sleep(ms);
    return { probabilities, queueMs: 1 };
  };
  compute.runs = 0;
  return compute;
}

describe('the result cache', () => {
  it('answers the second time from memory, and gives what was computed the first time', async () => {
    const [results, compute] = [cache(), model()];
    const first = await results.classify(asked('a'), compute);
    expect(first).to.deep.equal({
      outcome: 'MISS',
      computed: { probabilities: Float32Array.of(0.25, 0.75), queueMs: 1 },
    });
    const second = await results.classify(asked('a'), compute);
    expect(second).to.deep.equal({ outcome: 'HIT', probabilities: Float32Array.of(0.25, 0.75) });
    expect(compute.runs).to.equal(1);
  });

  it('tells pictures and models apart, whatever their bytes', async () => {
    const results = cache();
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 3 }),
        fc.constantFrom('m', 'n'),
        async (picture, fingerprint) => {
          const key = JSON.stringify([picture, fingerprint]);
          const { outcome } = await results.classify(asked(picture, { fingerprint }), model());
          expect(outcome).to.equal(seen.has(key) ? 'HIT' : 'MISS');
          seen.add(key);
        },
      ),
    );
  });

  it('is passed by for models that cost less than hashing, on request, and without memory', async () => {
    const outcomeOf = async (options: Partial<ResultCacheOptions>, more: Partial<CacheRequest>) => {
      const results = cache(options);
      await results.classify(asked('a', more), model());
      return (await results.classify(asked('a', more), model())).outcome;
    };
    expect(await outcomeOf({}, { costMs: 0.003 })).to.equal('BYPASS');
    expect(await outcomeOf({}, { costMs: 1, bytes: Buffer.alloc(MB) })).to.equal('BYPASS');
    expect(await outcomeOf({}, { costMs: 1, bytes: Buffer.alloc(1000) })).to.equal('HIT');
    expect(await outcomeOf({}, { bypass: true })).to.equal('BYPASS');
    expect(await outcomeOf({ maxBytes: 0 }, {})).to.equal('BYPASS');
  });

  it('forgets what was asked for longest ago when its bytes are used up', async () => {
    const results = cache({ maxBytes: 20_000 });
    const compute = model(new Float32Array(1000));
    const ask = async (picture: string) => (await results.classify(asked(picture), compute)).outcome;
    for (const picture of 'abcd') await ask(picture);
    expect(await ask('a'), 'four fit').to.equal('HIT');
    await ask('e');
    expect(await ask('b')).to.equal('MISS');
    expect(await ask('a')).to.equal('HIT');
  });

  it('computes once what is asked for by many at once', async () => {
    const [results, compute] = [cache(), model(undefined, 30)];
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => results.classify(asked('a'), compute)),
    );
    expect(compute.runs).to.equal(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'HIT')).to.have.length(9);
  });

  it('lets those who wait compute by themselves when the first one fails', async () => {
    const [results, compute] = [cache(), model()];
    const fails = async (): Promise<never> => {
      await sleep(20);
      throw new AppError('client_gone', 'left');
    };
    const first = refused(results.classify(asked('a'), fails), 'client_gone');
    const second = results.classify(asked('a'), compute);
    await first;
    expect((await second).outcome).to.equal('MISS');
    expect((await results.classify(asked('a'), compute)).outcome).to.equal('HIT');
  });

  it('does not let anybody wait past his own deadline, or when he has left', async () => {
    const results = cache();
    const slow = results.classify(asked('a'), model(undefined, 200));
    const late = asked('a', { deadline: performance.now() + 20 });
    await refused(results.classify(late, model()), 'deadline_running');
    const left = new AbortController();
    const gone = refused(results.classify(asked('a', { signal: left.signal }), model()), 'client_gone');
    setTimeout(() => left.abort(), 20);
    await gone;
    expect((await slow).outcome).to.equal('MISS');
  });

  it('looks on the shared shelf, and puts there what it computed', async () => {
    const kept = new Map<string, Float32Array>();
    const shelf: ResultShelf = {
      get: (key) => Promise.resolve(kept.get(key)),
      set: (key, value) => void kept.set(key, value),
    };
    const [here, there, compute] = [cache({ shelf }), cache({ shelf }), model()];
    expect((await here.classify(asked('a'), compute)).outcome).to.equal('MISS');
    expect((await there.classify(asked('a'), compute)).outcome).to.equal('HIT');
    expect(compute.runs).to.equal(1);
    await here.classify(asked('b', { costMs: 0.5 }), compute);
    expect(kept.size, 'a cheap model’s answers are not worth the way').to.equal(1);
  });

  it('knows what hashing costs here', () => {
    const { fixedMs, perByteMs } = measureHashCost();
    expect(fixedMs).to.be.within(0.0001, 1);
    expect(perByteMs).to.be.within(1e-8, 1e-4);
  });
});
