import { expect } from 'chai';
import { Batcher, type BatcherOptions } from '../../src/inference/batcher.js';
import { AppError } from '../../src/errors/app-error.js';

type Run = BatcherOptions['run'];

/** A worker whose runs end when the test says so: what a batcher does between is then exact. */
function controlled() {
  const batches: {
    readonly count: number;
    readonly pixels: Uint8Array;
    finish(): void;
    fail(error: Error): void;
  }[] = [];
  const run: Run = (pixels, count) =>
    new Promise((resolve, reject) => {
      const outputs = Float32Array.from(
        { length: count * 2 },
        (_, at) => (pixels[Math.floor(at / 2) * 4] ?? 0) + (at % 2) / 10,
      );
      batches.push({ count, pixels, finish: () => resolve({ outputs, runMs: 1 }), fail: reject });
    });
  return { batches, run };
}

const image = (value: number): Uint8Array => new Uint8Array(4).fill(value);
const tick = () => new Promise((resolve) => setImmediate(resolve));
const soon = () => ({ deadline: performance.now() + 5000 });

function batcher(run: Run, options: Partial<BatcherOptions> = {}): Batcher {
  return new Batcher({
    run,
    slots: 1,
    imageBytes: 4,
    classes: 2,
    maxBatch: 4,
    maxDelayMs: 0,
    maxQueue: 8,
    ...options,
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return 'resolved';
}

describe('Batcher', () => {
  it('runs a lone image at once', () => {
    const { batches, run } = controlled();
    void batcher(run, { maxDelayMs: 1000 }).submit(image(1), soon());
    expect(batches.map(({ count }) => count)).to.deep.equal([1]);
    batches[0]?.finish();
  });

  it('gathers what arrives while the only worker is busy, up to the largest batch', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const answers = [1, 2, 3, 4, 5, 6].map((value) => subject.submit(image(value), soon()));
    expect(batches.map(({ count }) => count)).to.deep.equal([1]);
    batches[0]?.finish();
    await tick();
    expect(batches.map(({ count }) => count)).to.deep.equal([1, 4]);
    batches[1]?.finish();
    await tick();
    batches[2]?.finish();
    const results = await Promise.all(answers);
    expect(results.map(({ probabilities }) => probabilities[0])).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(results.map(({ batchSize }) => batchSize)).to.deep.equal([1, 4, 4, 4, 4, 1]);
  });

  it('lets a second worker wait for companions no longer than the delay', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { slots: 2, maxDelayMs: 20 });
    void subject.submit(image(1), soon());
    void subject.submit(image(2), soon());
    expect(batches).to.have.length(1);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(batches.map(({ count }) => count)).to.deep.equal([1, 1]);
    for (const batch of batches) batch.finish();
  });

  it('refuses past its bound, with a time to come back', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxQueue: 2 });
    const accepted = [1, 2, 3].map((value) => subject.submit(image(value), soon()));
    expect(await codeOf(subject.submit(image(4), soon()))).to.equal('queue_full');
    expect(() => subject.admit(1))
      .to.throw(AppError)
      .with.property('retryAfterSeconds')
      .that.is.at.least(1);
    batches[0]?.finish();
    await tick();
    batches[1]?.finish();
    expect(await Promise.all(accepted)).to.have.length(3);
  });

  it('tells a deadline that passed in the queue from one that passed in the model', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const running = subject.submit(image(1), { deadline: performance.now() + 10 });
    const waiting = subject.submit(image(2), { deadline: performance.now() + 10 });
    expect(await codeOf(running)).to.equal('deadline_running');
    expect(await codeOf(waiting)).to.equal('deadline_in_queue');
    batches[0]?.finish();
    await tick();
    expect(batches, 'an image that gave up is never run').to.have.length(1);
  });

  it('drops an image whose client left while it waited', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const client = new AbortController();
    const first = subject.submit(image(1), soon());
    const second = subject.submit(image(2), { ...soon(), signal: client.signal });
    client.abort();
    expect(await codeOf(second)).to.equal('client_gone');
    expect(subject.queued).to.equal(0);
    batches[0]?.finish();
    await first;
    await tick();
    expect(batches).to.have.length(1);
  });

  it('keeps one failed batch from touching the next', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const first = subject.submit(image(1), soon());
    const second = subject.submit(image(2), soon());
    batches[0]?.fail(new Error('the worker died'));
    expect(await codeOf(first)).to.equal('inference_failed');
    await tick();
    batches[1]?.finish();
    expect((await second).probabilities[0]).to.equal(2);
  });

  it('fails a batch that gives another count of numbers than it must', async () => {
    const wrong: Run = () => Promise.resolve({ outputs: new Float32Array(3), runMs: 1 });
    expect(await codeOf(batcher(wrong).submit(image(1), soon()))).to.equal('inference_failed');
  });

  it('answers everything accepted before it has drained, and takes nothing more', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxDelayMs: 1000 });
    const accepted = [1, 2].map((value) => subject.submit(image(value), soon()));
    let drained = false;
    const draining = subject.drain().then(() => (drained = true));
    expect(await codeOf(subject.submit(image(3), soon()))).to.equal('draining');
    batches[0]?.finish();
    await tick();
    expect(drained).to.equal(false);
    batches[1]?.finish();
    await Promise.all([...accepted, draining]);
    expect(drained).to.equal(true);
  });
});
