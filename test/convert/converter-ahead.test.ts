import path from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import { expect } from 'chai';
import { endConverterAhead, runInThread, startConverterAhead } from '../../src/convert/conversion-thread.js';

const CHECKPOINT = path.resolve('saved_models/digits/v1/model.h5');

describe('a converter that is started ahead', () => {
  let started = 0;
  const count = (): void => void (started += 1);
  beforeEach(() => {
    started = 0;
    process.on('worker', count);
  });
  afterEach(async () => {
    process.off('worker', count);
    await endConverterAhead();
  });

  const inspect = () =>
    runInThread({ kind: 'inspect', options: { checkpoint: CHECKPOINT, maxParameters: 1e9 } });

  it('is the thread of the next conversion, and of no other', async () => {
    startConverterAhead();
    startConverterAhead();
    // The event comes a tick later.
    await soon();
    expect(started).to.equal(1);
    await inspect();
    expect(started).to.equal(1);
    await inspect();
    expect(started).to.equal(2);
  });

  it('is not waited for when it has ended', async () => {
    startConverterAhead();
    await endConverterAhead();
    await inspect();
    expect(started).to.equal(2);
  });
});
