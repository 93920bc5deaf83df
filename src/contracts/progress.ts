// How long work (downloads, conversions, warm-ups) tells how far it is. It must never throw.

export interface Progress {
  /** A named step begins; `total` where it is known, in the unit named. */
  step(title: string, total?: number, unit?: 'bytes' | 'files' | 'models' | 'pictures' | 'requests'): void;
  /** Work done since the last call, in the step's unit. */
  advance(amount: number): void;
  /** The last step ended well. */
  done(summary?: string): void;
}

export const silentProgress: Progress = {
  step: () => undefined,
  advance: () => undefined,
  done: () => undefined,
};
