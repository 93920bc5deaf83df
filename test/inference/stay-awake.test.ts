import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { StayAwake } from '../../src/inference/stay-awake.js';

describe('staying awake', () => {
  it('turns the event loop without a pause for as long as it is wanted, and no longer', async () => {
    let turns = 0;
    let wanted = true;
    const awake = new StayAwake(() => {
      turns += 1;
      return wanted;
    });
    awake.begin();
    awake.begin();
    await sleep(20);
    // Asleep, the loop would have turned a few times at most.
    expect(turns).to.be.above(50);

    wanted = false;
    await sleep(5);
    const last = turns;
    await sleep(10);
    expect(turns).to.equal(last);
  });

  it('can begin again', async () => {
    let turns = 0;
    const awake = new StayAwake(() => {
      turns += 1;
      return false;
    });
    awake.begin();
    await sleep(5);
    awake.begin();
    await sleep(5);
    expect(turns).to.equal(2);
  });
});
