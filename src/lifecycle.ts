// Where the process stands between its start and its end; HTTP asks, the server decides.

export type Phase =
  | 'running'
  /** Not ready any more, still answering, so that load balancers can turn away. */
  | 'leaving'
  /** What was accepted is answered, nothing new is taken. */
  | 'draining';

export class Lifecycle {
  readonly startedAt = Date.now();
  phase: Phase = 'running';

  leaving(): boolean {
    return this.phase !== 'running';
  }

  draining(): boolean {
    return this.phase === 'draining';
  }
}
