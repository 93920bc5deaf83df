import { expect } from 'chai';
import { toBfloat16Bits } from '../../../src/convert/graph/bfloat16.js';

const bits = (value: number): number => toBfloat16Bits(Float32Array.of(value))[0] ?? -1;

describe('bfloat16', () => {
  it('keeps values that fit', () => {
    expect(bits(1)).to.equal(0x3f80);
    expect(bits(-2.5)).to.equal(0xc020);
    expect(bits(0)).to.equal(0);
  });

  it('rounds to nearest, and ties to even', () => {
    expect(bits(1 + 2 ** -8)).to.equal(0x3f80); // halfway, down to even
    expect(bits(1 + 3 * 2 ** -8)).to.equal(0x3f82); // halfway, up to even
    expect(bits(1 + 2 ** -8 + 2 ** -20)).to.equal(0x3f81);
  });

  it('keeps infinities and NaN what they are', () => {
    expect(bits(Infinity)).to.equal(0x7f80);
    expect(bits(-Infinity)).to.equal(0xff80);
    expect(bits(3.4e38)).to.equal(0x7f80);
    const nan = bits(NaN);
    expect((nan & 0x7f80) === 0x7f80 && (nan & 0x7f) !== 0).to.equal(true);
  });
});
