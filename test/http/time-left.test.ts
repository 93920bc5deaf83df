import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Response } from 'express';
import { AppError } from '../../src/errors/app-error.js';
import { abortedWithoutReader } from '../../src/http/time-left.js';

const response = (state: { writableEnded?: boolean; destroyed?: boolean } = {}): Response =>
  Object.assign(new EventEmitter(), { writableEnded: false, destroyed: false, ...state }) as never;

describe('the signal that a client has left', () => {
  it('is quiet while it waits, and tells each listener once when it leaves', () => {
    const res = response();
    const signal = abortedWithoutReader(res);
    let told = 0;
    const gone = (): void => void (told += 1);
    signal.addEventListener('abort', () => void (told += 10), { once: true });
    signal.addEventListener('abort', gone);
    signal.removeEventListener('abort', gone);
    signal.throwIfAborted();
    expect(signal.aborted).to.equal(false);

    res.emit('close');
    res.emit('close');
    expect(told).to.equal(10);
    expect(signal.aborted).to.equal(true);
    expect(signal.reason).to.be.instanceOf(AppError).with.property('code', 'client_gone');
    expect(() => signal.throwIfAborted()).to.throw(AppError);
  });

  it('stays quiet when the connection closes behind the answer', () => {
    const res = response({ writableEnded: true });
    const signal = abortedWithoutReader(res);
    res.emit('close');
    expect(signal.aborted).to.equal(false);
  });

  it('is there from the beginning where the client has left already', () => {
    expect(abortedWithoutReader(response({ destroyed: true })).aborted).to.equal(true);
  });
});
