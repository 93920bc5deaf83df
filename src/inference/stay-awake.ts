// Keeps the event loop from going to sleep for so short a time that waking it takes longer: where threads are woken
// through a hypervisor that costs 50 to 100 us, and the run of a small model 200.

/** A run that is expected to last longer is worth sleeping through. */
export const SHORT_RUN_MS = 1;

export class StayAwake {
  #turn: NodeJS.Immediate | undefined;

  /** Asked at each turn of the event loop whether to go on. */
  constructor(private readonly wanted: () => boolean) {}

  begin(): void {
    if (this.#turn === undefined) this.#turn = setImmediate(this.#next);
  }

  readonly #next = (): void => {
    this.#turn = this.wanted() ? setImmediate(this.#next) : undefined;
  };
}
