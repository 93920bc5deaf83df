import { expect } from 'chai';
import { giveBack, takeBytes } from '../../../src/convert/graph/spare-memory.js';

describe('spare memory', () => {
  // Conversions before this left theirs.
  beforeEach(() => {
    for (let kept = 0; kept < 2; kept++) takeBytes(100_000);
  });

  it('is used again for what fits, and belongs to one at a time', () => {
    const first = takeBytes(200_000);
    const second = takeBytes(300_000);
    expect(second.buffer).not.to.equal(first.buffer);
    giveBack(first);
    const third = takeBytes(100_000);
    expect(third.buffer).to.equal(first.buffer);
    expect(third).to.have.length(100_000);
    expect(takeBytes(100_000).buffer).not.to.equal(first.buffer);
  });

  it('is not spent on what is small', () => {
    giveBack(takeBytes(200_000));
    expect(takeBytes(100).buffer.byteLength).to.equal(100);
  });

  it('is no memory of others, and none that was given back before', () => {
    const foreign = new Uint8Array(20_000_000);
    giveBack(foreign.subarray(0, 200_000));
    const own = takeBytes(200_000);
    giveBack(own);
    giveBack(own);
    const buffers = [takeBytes(200_000), takeBytes(200_000)].map(({ buffer }) => buffer);
    expect(buffers[0]).to.equal(own.buffer);
    expect(buffers[1]).not.to.be.oneOf([own.buffer, foreign.buffer]);
  });

  it('keeps two at most, and none that are huge', () => {
    const huge = takeBytes(100_000_000);
    const taken = [200_000, 200_000, 200_000, 200_000].map(takeBytes);
    [...taken, huge].forEach(giveBack);
    const again = [takeBytes(90_000_000), ...taken.map(() => takeBytes(200_000))];
    const known = new Set([...taken, huge].map(({ buffer }) => buffer));
    expect(again.filter(({ buffer }) => known.has(buffer))).to.have.length(2);
  });
});
