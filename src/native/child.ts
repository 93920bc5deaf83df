// Runs one child process: output captured and bounded, ended with its whole family on interruption.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const KEPT_CHARACTERS = 32_768;
const GRACE_MS = 2_000;

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export interface ChildResult {
  readonly ok: boolean;
  /** Why it failed, in a few words: `exit code 1`, `not found`, `no end after 60 s`. */
  readonly outcome: string;
  readonly stdout: string;
  /** Both streams as they came. */
  readonly output: string;
}

const linesOf = (output: string): string[] =>
  output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

/** The last lines of a child's output, for an error's detail. */
export const lastLines = (output: string, count = 12): string => linesOf(output).slice(-count).join('\n');

/** What went wrong in a build's output: the compiler's own errors, else the build tool's, else its last lines. */
export function errorLines(output: string, count = 8): string {
  const errors = linesOf(output).filter(
    (line) => /error:|failed|not found|cannot find/i.test(line) && !/^\s+at |stack {5}at /.test(line),
  );
  const tools = /^(?:node-pre-)?gyp |^Failed to execute|^make: /;
  const own = errors.filter((line) => !tools.test(line));
  const chosen = own.length > 0 ? own : errors.filter((line) => line.includes('stack'));
  return chosen.length > 0 ? chosen.slice(0, count).join('\n') : lastLines(output, count);
}

/** Signals the child's process group: pip, make and the compiler start children of their own. */
function endFamily(child: ChildProcess): NodeJS.Timeout {
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // Already gone; or Windows, which knows no groups.
      child.kill(signal);
    }
  };
  send('SIGTERM');
  return setTimeout(() => send('SIGKILL'), GRACE_MS);
}

export async function runChild(
  command: string,
  args: readonly string[],
  { cwd, env, signal, timeoutMs }: ChildOptions = {},
): Promise<ChildResult> {
  signal?.throwIfAborted();
  const kept = { stdout: '', output: '' };
  const keep = (text: string, names: readonly (keyof typeof kept)[]): void => {
    for (const name of names) kept[name] = (kept[name] + text).slice(-KEPT_CHARACTERS);
  };
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that one signal ends the child and all it started.
    detached: true,
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => keep(text, ['stdout', 'output']));
  child.stderr.setEncoding('utf8').on('data', (text: string) => keep(text, ['output']));

  const limit = { passed: false };
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => void (killer = endFamily(child));
  const endLate = (): void => {
    limit.passed = true;
    end();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(endLate, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const [code, endSignal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    signal?.throwIfAborted();
    const ending = endSignal === null ? `exit code ${String(code)}` : `ended by ${endSignal}`;
    return {
      ok: code === 0 && !limit.passed,
      outcome: limit.passed ? `no end after ${(timeoutMs ?? 0) / 1000} s` : ending,
      ...kept,
    };
  } catch (error) {
    signal?.throwIfAborted();
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { ok: false, outcome: missing ? 'not found' : String(error), ...kept };
  } finally {
    // The signal outlives the child, whose number may belong to another process by then.
    signal?.removeEventListener('abort', end);
    clearTimeout(timer);
    clearTimeout(killer);
  }
}
