import { expect } from 'chai';
import { remove } from '../../src/inference/remove.js';

describe('remove', () => {
  it('takes one thing out, keeps the order of the others, and says whether it was there', () => {
    const things = ['a', 'b', 'c'];
    expect(remove(things, 'b')).to.equal(true);
    expect(remove(things, 'b')).to.equal(false);
    expect(things).to.deep.equal(['a', 'c']);
  });
});
