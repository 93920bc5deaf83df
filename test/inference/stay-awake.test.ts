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
  const subject = (take = (): boolean => false, yieldProcessor = (): void => undefined): StayAwake =>
    new StayAwake(
      () => {
        turns += 1;
        return waiting;
      },
      take,
      yieldProcessor,
      // Time goes by with each look at the clock.
      () => (now += 0.021),
    );
  const seen = async (): Promise<number> => {
    const before = turns;
    await sleep(20);
    return turns - before;
  };

  it('turns the event loop without a pause until the run is over', async () => {
    subject().during(1);
    // Asleep, the loop would turn a few times at most.
    expect(await seen()).to.be.above(20);
    expect(await seen()).to.equal(0);
  });

  it('takes what has come at once, between two turns', async () => {
    let looks = 0;
    const take = (): boolean => {
      looks += 1;
      waiting = looks < 3;
      return !waiting;
    };
    subject(take).during(1);
    expect(await seen()).to.equal(2);
    expect(looks).to.equal(3);
  });

  it('makes way at each turn, before it looks', async () => {
    const order: string[] = [];
    const take = (): boolean => {
      waiting = order.push('look') < 4;
      return true;
    };
    subject(take, () => order.push('make way')).during(1);
    await seen();
    expect(order).to.deep.equal(['make way', 'look', 'make way', 'look']);
  });

  it('ends with the run', async () => {
    subject().during(1);
    waiting = false;
    expect(await seen()).to.equal(1);
  });

  it('gives up on a run that takes much longer than expected, and begins again with the next', async () => {
    const awake = subject();
    awake.during(1);
    now = 3;
    expect(await seen()).to.equal(1);
    awake.during(1);
    expect(await seen()).to.be.above(20);
  });

  it('sleeps through long runs', async () => {
    subject().during(5);
    expect(await seen()).to.equal(0);
  });
});
