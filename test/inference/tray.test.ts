import { expect } from 'chai';
import { Tray, trayCapacity, trayMemory, type TrayLayout } from '../../src/inference/tray.js';

const layout = (shape: readonly number[], most: number): TrayLayout => ({
  input: { dtype: 'uint8', shape },
  outputs: 2,
  warmBatches: [1, most],
});

describe('a tray', () => {
  it('takes no more memory than the batches that came needed', () => {
    const size = 4096 * 4096 * 3;
    const memory = trayMemory(layout([4096, 4096, 3], 21));
    expect(memory.byteLength).to.be.below(1000);
    new Tray(0, memory, layout([4096, 4096, 3], 21)).put([new Uint8Array(size).fill(7)]);
    expect(memory.byteLength).to.be.within(size, size + 1000);
  });

  it('has room for the largest batch of the largest pictures that V8 has a buffer for', () => {
    const shape = [4096, 4096, 3];
    const capacity = trayCapacity(layout(shape, 32));
    expect(capacity).to.equal(21);
    expect(() => trayMemory(layout(shape, capacity))).not.to.throw();
    expect(() => trayMemory(layout(shape, capacity + 1))).to.throw(RangeError);
  });

  it('shows the other side what was put into it, grown or not, until the next batch comes', () => {
    const memory = trayMemory(layout([3], 4));
    const [main, worker] = [0, 1].map(() => new Tray(0, memory, layout([3], 4)));
    main?.put([Uint8Array.of(1, 2, 3)]);
    expect(worker?.examples(1, false)).to.deep.equal(Uint8Array.of(1, 2, 3));
    main?.put([0, 1, 2, 3].map((at) => Float32Array.of(at, 0.5, -at)));
    expect([...(worker?.examples(4, true) ?? [])]).to.deep.equal([
      0, 0.5, -0, 1, 0.5, -1, 2, 0.5, -2, 3, 0.5, -3,
    ]);

    expect(main?.isAnswered).to.equal(false);
    worker?.answer(Float32Array.of(0.25, 0.75), 1.5);
    expect(main?.isAnswered).to.equal(true);
    expect(main?.runMs).to.equal(1.5);
    const [outputs = []] = main?.outputs(1) ?? [];
    main?.put([Uint8Array.of(4, 5, 6)]);
    expect(main?.isAnswered).to.equal(false);
    worker?.answer(Float32Array.of(1, 0), 1);
    expect([...outputs]).to.deep.equal([0.25, 0.75]);
  });

  it('hands out the numbers of each example in memory of their own', () => {
    const tray = new Tray(0, trayMemory(layout([3], 4)), layout([3], 4));
    tray.answer(Float32Array.of(0.25, 0.75, 1, 0), 1);
    const outputs = tray.outputs(2);
    expect(outputs.map((numbers) => [...numbers])).to.deep.equal([
      [0.25, 0.75],
      [1, 0],
    ]);
    expect(outputs.map(({ buffer }) => buffer.byteLength)).to.deep.equal([8, 8]);
  });
});
