// Where the process stands between its start and its end; HTTP asks, the server decides.

const PHASES = [
  'running',
  /** Not ready any more, still serving as before, so that load balancers can turn away. */
  'leaving',
  /** No new connections; each one there gets one more answer and closes. */
  'closing',
  /** Only what was accepted is still answered. */
  'draining',
] as const;

export type Phase = (typeof PHASES)[number];

export class Lifecycle {
  readonly startedAt = Date.now();
  phase: Phase = 'running';

  leaving(): boolean {
    return this.#reached('leaving');
  }

  closing(): boolean {
    return this.#reached('closing');
  }

  draining(): boolean {
    return this.#reached('draining');
  }

  #reached(phase: Phase): boolean {
    return PHASES.indexOf(this.phase) >= PHASES.indexOf(phase);
  }
}
