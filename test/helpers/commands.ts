// Commands as a user types them, in a folder of their own, against a server that listens on another port than 8000.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Context } from 'mocha';

const run = promisify(execFile);

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** The folder that the command runs in. */
  readonly cwd: string;
  /** Of the server that answers in place of port 8000. */
  readonly url: string;
}

const here = (text: string, { url }: Place): string =>
  text.replaceAll(/(?:localhost|127\.0\.0\.1):8000/g, new URL(url).host);

/** A shell line with curl in it. */
export const shell = (line: string, place: Place): Promise<Output> =>
  exec('bash', ['-ec', here(line, place).replaceAll('curl ', 'curl -sS ')], place.cwd);

export const python = (args: readonly string[], place: Place): Promise<Output> =>
  exec(
    'python3',
    args.map((arg) => here(arg, place)),
    place.cwd,
  );

async function exec(program: string, args: readonly string[], cwd: string): Promise<Output> {
  try {
    const { stdout, stderr } = await run(program, [...args], { cwd, timeout: 50_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error) {
      return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
    }
    throw error;
  }
}

/** Skips the running test or suite, visibly, where Python's requests is not installed. */
export async function needsRequests(context: Context): Promise<void> {
  const found = await run('python3', ['-c', 'import requests']).then(
    () => true,
    () => false,
  );
  if (!found) context.skip();
}
