import { expect } from 'chai';
import { NumpyRandom } from '../../src/convert/fidelity/numpy-random.js';

describe('NumpyRandom', () => {
  it('gives the doubles of numpy.random.RandomState(seed).rand()', () => {
    const zero = new NumpyRandom(0);
    expect([zero.rand(), zero.rand(), zero.rand()]).to.deep.equal([
      0.5488135039273248, 0.7151893663724195, 0.6027633760716439,
    ]);
    expect(new NumpyRandom(42).rand()).to.equal(0.3745401188473625);
  });

  it('goes on past its first 624 words', () => {
    const random = new NumpyRandom(1);
    for (let at = 0; at < 999; at++) random.rand();
    // numpy.random.RandomState(1).rand(1000)[-1]
    expect(random.rand()).to.equal(0.7744772660150796);
  });
});
