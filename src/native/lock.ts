// Lets one process at a time prepare the cache. Entries are renamed into place whole, so two holders at once
// would do the work twice and harm nothing: the lock may be simple about a holder that died.
import { hostname } from 'node:os';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
/** The holder touches its lock this often; a lock left untouched six times as long is nobody's. */
const BEAT_MS = 10_000;
const STALE_MS = 60_000;

export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once, when another process holds the lock; its number may be of another host. */
  readonly onWait: (pid: number | undefined) => void;
}

const errorCode = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Undefined while its writer is between creating and filling it. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

async function isStale(file: string, holder: Holder | undefined): Promise<boolean> {
  // A process number means something only on its own host; containers that share a cache differ in theirs.
  if (holder?.host === hostname() && isDead(holder.pid)) return true;
  const touched = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - touched > STALE_MS;
}

async function acquire(file: string, content: string, { signal, onWait }: LockOptions): Promise<void> {
  for (let told = false; ;) {
    signal.throwIfAborted();
    try {
      await writeFile(file, content, { flag: 'wx' });
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (await isStale(file, holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) onWait(holder?.pid);
    told = true;
    await delay(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

export async function withLock<T>(file: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  const holder: Holder = { pid: process.pid, host: hostname(), started: new Date().toISOString() };
  const content = JSON.stringify(holder);
  await mkdir(path.dirname(file), { recursive: true });
  await acquire(file, content, options);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    // Not when another took it over meanwhile.
    const current = await readFile(file, 'utf8').catch(() => undefined);
    if (current === content) await rm(file, { force: true });
  }
}
