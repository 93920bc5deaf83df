import { expect } from 'chai';
import { Batcher, type BatcherOptions } from '../../src/inference/batcher.js';
import { CostCurve } from '../../src/inference/cost-curve.js';
import { AppError } from '../../src/errors/app-error.js';

type Run = BatcherOptions['run'];

/** A worker whose runs end when the test says so: what a batcher does between is then exact. */
function controlled() {
  const batches: {
    readonly examples: Parameters<Run>[0];
    readonly options: Parameters<Run>[1];
    finish(): void;
    fail(error: Error): void;
  }[] = [];
  const run: Run = (examples, options) =>
    new Promise((resolve, reject) => {
      const outputs = examples.map(([value = 0]) => Float32Array.of(value, value + 0.1));
      batches.push({ examples, options, finish: () => resolve({ outputs, runMs: 1 }), fail: reject });
    });
  return { batches, run };
}

const sizes = (batches: ReturnType<typeof controlled>['batches']): readonly number[] =>
  batches.map(({ examples }) => examples.length);

const image = (value: number): Uint8Array => new Uint8Array(4).fill(value);
/** Ends each batch as it comes, until none comes any more. */
async function finishAll(batches: readonly { finish(): void }[]): Promise<void> {
  await tick();
  for (let at = 0; at < batches.length; at++) {
    batches[at]?.finish();
    await tick();
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));
const soon = () => ({ deadline: performance.now() + 5000 });

/** Any number of images costs the same, so that larger batches always pay. */
const FLAT = [1, 2, 4, 8].map((size) => ({ size, ms: 10 }));

function batcher(run: Run, options: Partial<BatcherOptions> = {}): Batcher {
  return new Batcher({
    run,
    slots: 1,
    exampleSize: 4,
    costs: new CostCurve(FLAT),
    maxBatch: 4,
    maxDelayMs: 0,
    maxQueue: 8,
    spareCore: false,
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
  it('takes what a short run has brought before it is told of it, unless others wait for the worker', async () => {
    const { batches, run } = controlled();
    let asked = 0;
    const subject = batcher(run, {
      maxBatch: 1,
      spareCore: true,
      costs: new CostCurve([{ size: 1, ms: 0.9 }]),
      handOutEarly: () => {
        asked += 1;
        batches.at(-1)?.finish();
        return true;
      },
    });
    const [first, second] = [1, 2].map((value) => subject.submit([image(value)], soon()));
    await tick();
    await tick();
    expect(asked, 'while one waits').to.equal(0);
    batches[0]?.finish();
    const answers = (await Promise.all([first, second])).flat();
    expect(answers.map((answer) => answer?.probabilities[0])).to.deep.equal([1, 2]);
    expect(asked).to.equal(1);
  });

  it('collects garbage behind every eighth image that is alone, while it is computed', async () => {
    const { batches, run } = controlled();
    const collectedAt: number[] = [];
    const subject = batcher(run, {
      slots: 2,
      maxBatch: 1,
      spareCore: true,
      collectYoung: () => collectedAt.push(batches.length),
    });
    const ask = async (count: number): Promise<void> => {
      const answers = Array.from({ length: count }, (_, value) => subject.submit([image(value)], soon()));
      await finishAll(batches);
      await Promise.all(answers);
    };
    for (let asked = 0; asked < 16; asked++) await ask(1);
    expect(collectedAt, 'before the run has ended').to.deep.equal([8, 16]);
    const told = batches.flatMap(({ options }, at) => (options.collectYoung === true ? [at + 1] : []));
    expect(told, 'and the worker behind it').to.deep.equal([8, 16]);
    await ask(8);
    await ask(8);
    expect(collectedAt, 'others wait').to.have.length(2);
    expect(batches.filter(({ options }) => options.collectYoung)).to.have.length(2);
  });

  it('leaves garbage alone where the thread has no core of its own', async () => {
    const { batches, run } = controlled();
    let collected = 0;
    const subject = batcher(run, { collectYoung: () => (collected += 1) });
    for (let asked = 0; asked < 16; asked++) {
      const answer = subject.submit([image(asked)], soon());
      await finishAll(batches);
      await answer;
    }
    expect(collected).to.equal(0);
    expect(batches.filter(({ options }) => options.collectYoung)).to.have.length(0);
  });

  for (const spareCore of [true, false]) {
    it(`makes way for other threads ${spareCore ? 'while it waits awake' : 'by sleeping, without a spare core'}`, async () => {
      const { batches, run } = controlled();
      let made = 0;
      const costs = new CostCurve([{ size: 1, ms: 0.9 }]);
      const subject = batcher(run, { spareCore, costs, maxBatch: 1, yieldProcessor: () => (made += 1) });
      const answer = subject.submit([image(1)], soon());
      await tick();
      await tick();
      await finishAll(batches);
      await answer;
      if (spareCore) expect(made).to.be.above(0);
      else expect(made).to.equal(0);
    });
  }

  it('runs a lone image in the same turn of the event loop', async () => {
    const { batches, run } = controlled();
    void batcher(run, { maxDelayMs: 1000 }).submit([image(1)], soon());
    await tick();
    expect(sizes(batches)).to.deep.equal([1]);
    batches[0]?.finish();
  });

  it('gathers what arrives while the only worker is busy, up to the largest batch', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const first = subject.submit([image(1)], soon());
    await tick();
    const others = [2, 3, 4, 5, 6].map((value) => subject.submit([image(value)], soon()));
    await finishAll(batches);
    const results = (await Promise.all([first, ...others])).flat();
    expect(sizes(batches)).to.deep.equal([1, 4, 1]);
    expect(results.map(({ probabilities }) => probabilities[0])).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(results.map(({ batchSize }) => batchSize)).to.deep.equal([1, 4, 4, 4, 4, 1]);
  });

  it('splits one request over batches and answers in its order', async () => {
    const { batches, run } = controlled();
    const answer = batcher(run).submit([5, 6, 7, 8, 9, 10].map(image), soon());
    await finishAll(batches);
    expect(sizes(batches)).to.deep.equal([4, 2]);
    const results = await answer;
    expect(results.map(({ probabilities }) => probabilities[0])).to.deep.equal([5, 6, 7, 8, 9, 10]);
  });

  it('never puts floats and pixels into one batch', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const answers = [
      subject.submit([image(1)], soon()),
      subject.submit([new Float32Array(4).fill(0.5)], soon()),
      subject.submit([image(2)], soon()),
    ];
    await finishAll(batches);
    await Promise.all(answers);
    expect(batches.map(({ examples }) => examples[0]?.constructor.name)).to.deep.equal([
      'Uint8Array',
      'Float32Array',
      'Uint8Array',
    ]);
  });

  it('lets free workers share what is dear, and gives all of what is cheap to one', async () => {
    const shares = async (costs: CostCurve) => {
      const { batches, run } = controlled();
      const answer = batcher(run, { slots: 2, costs }).submit([1, 2, 3, 4].map(image), soon());
      await finishAll(batches);
      await answer;
      return sizes(batches);
    };
    const dear = new CostCurve([1, 2, 4].map((size) => ({ size, ms: 10 * size + 5 })));
    expect(await shares(dear)).to.deep.equal([2, 2]);
    expect(await shares(new CostCurve(FLAT))).to.deep.equal([4]);
  });

  it('takes fewer images where one more would make one of them late', async () => {
    const { batches, run } = controlled();
    const costs = new CostCurve([1, 2, 4].map((size) => ({ size, ms: 100 * size + 50 })));
    const subject = batcher(run, { costs });
    const hurried = subject.submit([image(1)], { deadline: performance.now() + 300 });
    const others = [2, 3, 4].map((value) => subject.submit([image(value)], soon()));
    await finishAll(batches);
    await Promise.all([hurried, ...others]);
    expect(sizes(batches)).to.deep.equal([2, 2]);
  });

  it('drops who would be late even alone, but lets an idle model try', async () => {
    const { batches, run } = controlled();
    let now = 0;
    const costs = new CostCurve([{ size: 1, ms: 300 }]);
    const subject = batcher(run, { costs, maxBatch: 1, slots: 2, now: () => now });
    const running = [1, 2].map((value) => codeOf(subject.submit([image(value)], { deadline: 200 })));
    await tick();
    expect(batches, 'the first is tried, the second is not').to.have.length(1);
    const waiting = subject.submit([image(3)], { deadline: 5000 });
    await tick();
    const hopeless = codeOf(subject.submit([image(4)], { deadline: 500 }));
    now = 300;
    await finishAll(batches);
    expect(await Promise.all([...running, hopeless])).to.deep.equal([
      'resolved',
      'deadline_in_queue',
      'deadline_in_queue',
    ]);
    await waiting;
    expect(batches).to.have.length(2);
  });

  it('serves interactive images first, and batch work in every fourth batch', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxBatch: 1, maxQueue: 20 });
    const answers = [
      ...[1, 2].map((value) => subject.submit([image(value)], { ...soon(), priority: 'batch' })),
      ...[11, 12, 13, 14, 15].map((value) => subject.submit([image(value)], soon())),
    ];
    await finishAll(batches);
    await Promise.all(answers);
    expect(batches.map(({ examples }) => examples[0]?.[0])).to.deep.equal([11, 12, 13, 1, 14, 15, 2]);
  });

  it('keeps half of the queue free of batch work', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxQueue: 4 });
    const accepted = subject.submit([1, 2].map(image), { ...soon(), priority: 'batch' });
    expect(await codeOf(subject.submit([image(3)], { ...soon(), priority: 'batch' }))).to.equal('queue_full');
    const interactive = subject.submit([4, 5].map(image), soon());
    await finishAll(batches);
    expect((await Promise.all([accepted, interactive])).flat()).to.have.length(4);
  });

  it('takes all of a request or none, and says when it can never fit', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxQueue: 4 });
    const waiting = subject.submit([1, 2].map(image), soon());
    expect(await codeOf(subject.submit([1, 2, 3].map(image), soon()))).to.equal('queue_full');
    expect(subject.queued).to.equal(2);
    expect(await codeOf(subject.submit([1, 2, 3, 4, 5].map(image), soon()))).to.equal('too_many_images');
    await finishAll(batches);
    await waiting;
  });

  it('keeps room for images that are still decoded, until it is given back', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxQueue: 4 });
    const giveBack = subject.reserve(3);
    expect(await codeOf(subject.submit([1, 2].map(image), soon()))).to.equal('queue_full');
    expect(() => subject.reserve(2))
      .to.throw(AppError)
      .with.property('code', 'queue_full');
    giveBack();
    giveBack();
    const answers = subject.submit([1, 2, 3].map(image), soon());
    expect(() => subject.admit(2), 'given back once, however often it is said').to.throw(AppError);
    await finishAll(batches);
    expect(await answers).to.have.length(3);
  });

  it('refuses at once who could not be answered in time, but only while it is busy', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { costs: new CostCurve([{ size: 1, ms: 100 }]), maxBatch: 1 });
    const hurried = { deadline: performance.now() + 50 };
    expect(() => subject.admit(1, hurried), 'idle').not.to.throw();
    const running = subject.submit([image(1)], soon());
    await tick();
    expect(() => subject.admit(1, hurried))
      .to.throw(AppError)
      .with.property('code', 'queue_full');
    expect(() => subject.admit(1, soon())).not.to.throw();
    await finishAll(batches);
    await running;
  });

  it('refuses past its bound, with a time to come back', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxQueue: 2 });
    const first = subject.submit([image(1)], soon());
    await tick();
    const others = [2, 3].map((value) => subject.submit([image(value)], soon()));
    expect(await codeOf(subject.submit([image(4)], soon()))).to.equal('queue_full');
    expect(() => subject.admit(1))
      .to.throw(AppError)
      .with.property('retryAfterSeconds')
      .that.is.at.least(1);
    await finishAll(batches);
    expect(await Promise.all([first, ...others])).to.have.length(3);
  });

  it('tells a deadline that passed in the queue from one that passed in the model', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { costs: new CostCurve([{ size: 1, ms: 1 }]), maxBatch: 1 });
    const running = codeOf(subject.submit([image(1)], { deadline: performance.now() + 30 }));
    await tick();
    const waiting = codeOf(subject.submit([image(2)], { deadline: performance.now() + 30 }));
    expect(await running).to.equal('deadline_running');
    expect(await waiting).to.equal('deadline_in_queue');
    batches[0]?.finish();
    await tick();
    expect(batches, 'an image that gave up is never run').to.have.length(1);
  });

  it('drops an image whose client left while it waited', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const client = new AbortController();
    const first = subject.submit([image(1)], soon());
    await tick();
    const second = codeOf(subject.submit([image(2)], { ...soon(), signal: client.signal }));
    client.abort();
    expect(await second).to.equal('client_gone');
    expect(subject.queued).to.equal(0);
    batches[0]?.finish();
    await first;
    await tick();
    expect(batches).to.have.length(1);
  });

  it('keeps one failed batch from touching the next', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run);
    const first = subject.submit([image(1)], soon());
    await tick();
    const second = subject.submit([image(2)], soon());
    batches[0]?.fail(new Error('the worker died'));
    expect(await codeOf(first)).to.equal('inference_failed');
    await tick();
    batches[1]?.finish();
    expect((await second)[0]?.probabilities[0]).to.equal(2);
  });

  it('fails a batch that gives fewer answers than it has images', async () => {
    const wrong: Run = () => Promise.resolve({ outputs: [], runMs: 1 });
    expect(await codeOf(batcher(wrong).submit([image(1)], soon()))).to.equal('inference_failed');
  });

  it('answers everything accepted before it has drained, and takes nothing more', async () => {
    const { batches, run } = controlled();
    const subject = batcher(run, { maxDelayMs: 1000 });
    const accepted = [subject.submit([image(1)], soon())];
    await tick();
    accepted.push(subject.submit([image(2)], soon()));
    let drained = false;
    const draining = subject.drain().then(() => (drained = true));
    expect(await codeOf(subject.submit([image(3)], soon()))).to.equal('draining');
    batches[0]?.finish();
    await tick();
    expect(drained).to.equal(false);
    batches[1]?.finish();
    await Promise.all([...accepted, draining]);
    expect(drained).to.equal(true);
  });
});
