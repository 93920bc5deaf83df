// A program: takes the lock, writes when it came and went into a journal, holds it for a while.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../../../src/native/lock.js';

const [lock = '', journal = '', milliseconds = '0'] = process.argv.slice(2);
const write = (event: string): void => appendFileSync(journal, `${event} ${process.pid}\n`);

await withLock(
  lock,
  { signal: new AbortController().signal, onWait: (pid) => console.log(`waiting for ${String(pid)}`) },
  async () => {
    write('in');
    console.log('holding');
    await delay(Number(milliseconds));
    write('out');
  },
);
