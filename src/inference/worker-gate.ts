// Two waits that workers share: one thread at a time may load natively, and a warm-up ends when all have come.

const LOCK = 0;
const ARRIVED = 1;
/** Far longer than any load; a thread that died with the lock must not stop the others for ever. */
const PATIENCE_MS = 120_000;

export const createGate = (): SharedArrayBuffer => new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);

/** Four workers that loaded together killed the process in 6 of 200 runs; one after another, in none. */
export function oneAtATime<T>(gate: SharedArrayBuffer, body: () => T): T {
  const cells = new Int32Array(gate);
  while (Atomics.compareExchange(cells, LOCK, 0, 1) !== 0) {
    if (Atomics.wait(cells, LOCK, 1, PATIENCE_MS) === 'timed-out')
      throw new Error('another worker did not finish loading');
  }
  try {
    return body();
  } finally {
    Atomics.store(cells, LOCK, 0);
    Atomics.notify(cells, LOCK, 1);
  }
}

export function meetOthers(gate: SharedArrayBuffer, workers: number): void {
  const cells = new Int32Array(gate);
  Atomics.add(cells, ARRIVED, 1);
  Atomics.notify(cells, ARRIVED);
  for (
    let arrived = Atomics.load(cells, ARRIVED);
    arrived < workers;
    arrived = Atomics.load(cells, ARRIVED)
  ) {
    if (Atomics.wait(cells, ARRIVED, arrived, PATIENCE_MS) === 'timed-out')
      throw new Error('another worker did not warm up');
  }
}
