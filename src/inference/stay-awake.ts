// Keeps the event loop from going to sleep for so short a time that waking it takes longer: where threads are woken
// through a hypervisor that costs 50 to 100 us, and the run of a small model 200. Awake, it can see a result before it is
// told of it.

/** A run that is expected to last longer is worth sleeping through. */
const SHORT_RUN_MS = 1;
/** One that lasts much longer than expected has lost its processor to others, and maybe to this very thread. */
const PATIENCE = 2;
/** Between two turns: each leaves a quarter of a kilobyte for the garbage collector. */
const DWELL_MS = 0.02;
/** Looks at memory that make up that time: counted, as each look at the clock would leave garbage too. */
const LOOKS = { first: 1000, most: 100_000 } as const;

export class StayAwake {
  #turn: NodeJS.Immediate | undefined;
  #until = 0;
  #looks: number = LOOKS.first;

  /** Asked at each turn of the event loop whether there is still something to wait for. */
  constructor(
    private readonly waiting: () => boolean,
    /** Asked all the time: takes what has come before the event loop is told of it. */
    private readonly take: () => boolean,
    /** Lets a worker go first that was woken where this thread runs: it would wait until this thread sleeps. */
    private readonly yieldProcessor: () => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** For a run that shall take so many milliseconds. */
  during(expectedMs: number): void {
    if (expectedMs > SHORT_RUN_MS) return;
    this.#until = this.now() + PATIENCE * expectedMs;
    if (this.#turn === undefined) this.#turn = setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const waiting = this.waiting();
    if (waiting) this.yieldProcessor();
    const begun = this.now();
    const goesOn = waiting && begun < this.#until;
    this.#turn = goesOn ? setImmediate(this.#next) : undefined;
    if (goesOn) this.#dwell(begun);
  };

  #dwell(begun: number): void {
    for (let look = 0; look < this.#looks; look++) if (this.take()) return;
    const took = this.now() - begun;
    this.#looks = took < DWELL_MS ? Math.min(LOOKS.most, this.#looks * 1.25) : Math.max(1, this.#looks * 0.8);
  }
}
