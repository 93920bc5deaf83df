// Ctrl-C and `docker stop` during set-up: work is aborted, its `finally` blocks clean up, then this is thrown.

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** What shells expect of a program ended by this signal. */
  readonly exitCode: number;

  constructor(readonly signal: keyof typeof exitCodes) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = exitCodes[signal];
  }
}

/** Listens while `action` runs; a second signal ends the process at once, as it would without us. */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listen = (signal: NodeJS.Signals): void =>
    controller.abort(new Interrupted(signal as keyof typeof exitCodes));
  process.once('SIGINT', listen).once('SIGTERM', listen);
  try {
    return await action(controller.signal);
  } catch (error) {
    // Streams and children report the abort in words of their own.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    process.off('SIGINT', listen).off('SIGTERM', listen);
  }
}
