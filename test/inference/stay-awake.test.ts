import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { StayAwake } from '../../src/inference/stay-awake.js';

describe('staying awake', () => {
  let turns = 0;
  let waiting = true;
  let now = 0;
  beforeEach(() => {
    turns = now = 0;
    waiting = true;
  });
  const subject = (): StayAwake =>
    new StayAwake(
      () => {
        turns += 1;
        return waiting;
      },
      () => now,
    );
  const seen = async (): Promise<number> => {
    const before = turns;
    await sleep(20);
    return turns - before;
  };

  it('turns the event loop without a pause until the run is over', async () => {
    subject().during(0.5);
    // Asleep, the loop would turn a few times at most.
    expect(await seen()).to.be.above(50);
    waiting = false;
    await seen();
    expect(await seen()).to.equal(0);
  });

  it('gives up on a run that takes much longer than expected, and begins again with the next', async () => {
    const awake = subject();
    awake.during(0.5);
    now = 1.1;
    await seen();
    expect(await seen()).to.equal(0);
    awake.during(0.5);
    expect(await seen()).to.be.above(50);
    waiting = false;
    await seen();
  });

  it('sleeps through long runs', async () => {
    subject().during(5);
    expect(await seen()).to.equal(0);
  });
});
