// Long work on the main thread, cut into slices: one slice of one request per turn of the event loop, so that sockets,
// timers and other requests go on in between, however many such requests there are.

/** Long enough to be worth its turn, short enough that nobody notices. */
const SLICE_MS = 8;

export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, in order of asking. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#serve);
    });
  }

  readonly #serve = (): void => {
    this.#waiting.shift()?.();
    // Who was served asks again after this, as a microtask, and then begins the next turn itself.
    if (this.#waiting.length > 0) setImmediate(this.#serve);
  };
}

/** The slices of one request's work. */
export class Slices {
  #began = performance.now();

  constructor(private readonly turns: Turns) {}

  /** Call it often: it waits only where the slice has been long enough. */
  async pauseIfDue(): Promise<void> {
    if (performance.now() - this.#began < SLICE_MS) return;
    await this.turns.next();
    this.#began = performance.now();
  }
}
