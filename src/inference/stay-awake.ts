// Keeps the event loop from going to sleep for so short a time that waking it takes longer: where threads are woken
// through a hypervisor that costs 50 to 100 us, and the run of a small model 200.

/** A run that is expected to last longer is worth sleeping through. */
const SHORT_RUN_MS = 1;
/** One that lasts much longer than expected has lost its processor to others, and maybe to this very thread. */
const PATIENCE = 2;
/** Between two turns: each turn leaves a quarter of a kilobyte for the garbage collector. */
const DWELL_MS = 0.02;

export class StayAwake {
  #turn: NodeJS.Immediate | undefined;
  #until = 0;

  /** Asked at each turn of the event loop whether there is still something to wait for. */
  constructor(
    private readonly waiting: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** For a run that shall take so many milliseconds. */
  during(expectedMs: number): void {
    if (expectedMs > SHORT_RUN_MS) return;
    this.#until = this.now() + PATIENCE * expectedMs;
    if (this.#turn === undefined) this.#turn = setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const begun = this.now();
    const goesOn = this.waiting() && begun < this.#until;
    this.#turn = goesOn ? setImmediate(this.#next) : undefined;
    while (goesOn && this.now() < begun + DWELL_MS);
  };
}
