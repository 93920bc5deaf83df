// Runs a compiled test program in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  /** Resolves once standard output and error together contain the text; fails when the program ends before. */
  readonly said: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
}

export function startProgram(
  program: URL,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Program {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const heard = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...heard }));
  const said = async (text: string): Promise<void> => {
    const over = ended.then(() => 'over' as const);
    while (!(heard.stdout + heard.stderr).includes(text)) {
      const next = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
      if ((await Promise.race([over, next])) === 'over') {
        throw new Error(`ended without saying "${text}": ${heard.stdout}${heard.stderr}`);
      }
    }
  };
  return { child, said, ended };
}
