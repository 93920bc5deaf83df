// What each command of the command line is.

export interface Command {
  readonly name: string;
  /** One line for `h5serve --help`. */
  readonly summary: string;
  /** All of `h5serve <name> --help`. */
  readonly usage: string;
  /** Returns the exit code; an AppError that it throws is described by the caller. */
  run(args: string[]): Promise<number>;
}
