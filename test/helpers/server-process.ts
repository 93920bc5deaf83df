// The server as users run it: a process of its own, ready when its banner stands.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Mocha allows a minute, and would wait for ever for a server that stayed up. */
const TIME_TO_END_MS = 50_000;

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** All that was printed so far. */
  output(): string;
  /** Sends the signal and waits for the end; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const start = (environment: Readonly<Record<string, string>>, args: readonly string[] = []): ChildProcess =>
  spawn('scripts/h5serve.mjs', ['serve', ...args], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_DIR: 'none',
      WORKERS: '2',
      RATE_LIMIT: '0',
      CACHE_MB: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

export async function startServer(
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const child = start(environment, args);
  const output = collect(child);
  const exited = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  const url = await Promise.race([
    exited.then((code) => Promise.reject(new Error(`the server ended with ${code}:\n${output()}`))),
    new Promise<string>((resolve) => {
      child.stdout?.on('data', () => {
        const found = /^\s+h5serve \S+ is .* on (https?:\S+)$/m.exec(output());
        if (found?.[1] !== undefined && output().includes('/predict')) resolve(found[1]);
      });
    }),
  ]);
  return {
    url,
    child,
    output,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** Runs to its end: for starts that must fail. */
export async function runToEnd(
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const child = start(environment);
  const output = collect(child);
  const patience = setTimeout(() => child.kill('SIGKILL'), TIME_TO_END_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(patience);
  return { code, output: output() };
}
