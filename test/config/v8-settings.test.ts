import { expect } from 'chai';
import { startProgram } from '../native/support/run-program.js';

/** Milliseconds that helper threads took part in collecting young objects and in marking old ones. */
async function byHelpers(how: 'as-served' | 'as-started'): Promise<number> {
  const program = startProgram(new URL('support/collect-garbage.js', import.meta.url), [how]);
  const { stdout } = await program.ended;
  const times = [...stdout.matchAll(/ background\.(?:scavenge\.parallel|mark)=([\d.]+)/g)];
  expect(times, stdout.slice(0, 500)).to.not.be.empty;
  return times.reduce((sum, [, ms]) => sum + Number(ms), 0);
}

describe('V8 as the server sets it', () => {
  it('collects garbage on the thread that made it', async () => {
    expect(await byHelpers('as-served')).to.equal(0);
    // Helpers are what V8 would use.
    expect(await byHelpers('as-started')).to.be.above(0);
  });
});
