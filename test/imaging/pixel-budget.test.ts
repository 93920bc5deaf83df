import { expect } from 'chai';
import { PixelBudget } from '../../src/imaging/pixel-budget.js';

/** Work that ends when it is told to. */
function held() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (end = resolve));
  return { end, work: () => done };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('PixelBudget', () => {
  it('lets in what fits, and the rest in the order of arrival', async () => {
    const budget = new PixelBudget(10);
    const [first, second] = [held(), held()];
    const began: string[] = [];
    const run = (name: string, pixels: number, work: () => Promise<void>) =>
      budget.run(pixels, undefined, () => {
        began.push(name);
        return work();
      });
    const all = [
      run('first', 6, first.work),
      run('second', 6, second.work),
      run('third', 1, () => Promise.resolve()),
    ];
    await turn();
    expect(began, 'a small one does not overtake').to.deep.equal(['first']);
    first.end();
    await turn();
    expect(began).to.deep.equal(['first', 'second', 'third']);
    second.end();
    await Promise.all(all);
  });

  it('runs alone what is larger than all', async () => {
    expect(await new PixelBudget(10).run(99, undefined, () => Promise.resolve('done'))).to.equal('done');
  });

  it('gives room back after a failure', async () => {
    const budget = new PixelBudget(10);
    const failure = new Error('damaged');
    const failed = await budget
      .run(10, undefined, () => Promise.reject(failure))
      .catch((error: unknown) => error);
    expect(failed).to.equal(failure);
    expect(await budget.run(10, undefined, () => Promise.resolve('next'))).to.equal('next');
  });

  it('forgets who leaves while waiting, and lets in those behind', async () => {
    const budget = new PixelBudget(10);
    const [first, leaving] = [held(), new AbortController()];
    const running = budget.run(6, undefined, first.work);
    let began = false;
    const waiting = budget
      .run(10, leaving.signal, () => {
        began = true;
        return Promise.resolve();
      })
      .catch((error: unknown) => error);
    const behind = budget.run(4, undefined, () => Promise.resolve('let in'));
    const reason = new Error('left');
    leaving.abort(reason);
    expect(await waiting).to.equal(reason);
    expect(await behind).to.equal('let in');
    expect(began).to.equal(false);
    first.end();
    await running;
  });
});
