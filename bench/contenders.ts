// The services that are measured: ours, and the Python stacks of bench/peers/, each a process of its own.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../src/config/user-environment.js';
import type { BenchCase } from './cases.js';

export interface Contender {
  readonly name: string;
  /** Of the call that is measured. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

interface Program {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment: Settings;
  readonly port: number;
  /** Answers 200 when the program can be measured. */
  readonly ready: string;
}

const START_MS = 120_000;

export async function startOurs(bench: BenchCase, settings: Settings = {}): Promise<Contender> {
  const port = await freePort();
  const environment = {
    PORT: String(port),
    HOST: '127.0.0.1',
    MODELS_DIR: bench.modelsDir,
    LOG_DIR: 'none',
    LOG_LEVEL: 'warn',
    RATE_LIMIT: '0',
    // The same picture comes again and again: a kept answer would measure nothing.
    CACHE_MB: '0',
    ...settings,
  };
  const command = ['scripts/h5serve.mjs', 'serve'] as const;
  return start({ name: 'h5serve', command, environment, port, ready: '/health/ready' });
}

export async function startKeras(bench: BenchCase, python: string): Promise<Contender> {
  return startPeer('keras_app', 'FastAPI + keras.predict', python, 1, {
    ...peerSettings(bench),
    MODEL: bench.checkpoint,
  });
}

export interface OnnxSetting {
  readonly processes: number;
  readonly threads: number;
  readonly inThreads?: boolean;
}

export async function startOnnx(
  bench: BenchCase,
  python: string,
  graph: string,
  { processes, threads, inThreads = false }: OnnxSetting,
): Promise<Contender> {
  const name = `FastAPI + ONNX Runtime ${processes}x${threads}${inThreads ? ' pooled' : ''}`;
  const own = { MODEL: graph, ORT_THREADS: String(threads), IN_THREADS: inThreads ? '1' : '0' };
  return startPeer('onnx_app', name, python, processes, { ...peerSettings(bench), ...own });
}

/** Writes the ONNX graph of a checkpoint. */
export function writeOnnx(bench: BenchCase, python: string, graph: string): void {
  const { status, stderr } = spawnSync(python, ['bench/peers/to_onnx.py', bench.checkpoint, graph], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`to_onnx.py failed:\n${stderr}`);
}

const peerSettings = ({ input, scale, checkpoint }: BenchCase): Settings => ({
  INPUT: input.join(','),
  SCALE: scale,
  MODEL: checkpoint,
  TF_CPP_MIN_LOG_LEVEL: '3',
});

async function startPeer(
  app: string,
  name: string,
  python: string,
  processes: number,
  settings: Settings,
): Promise<Contender> {
  const port = await freePort();
  const command = [python, '-m', 'uvicorn', `${app}:app`, '--app-dir', 'bench/peers'] as const;
  const options = [
    '--port',
    String(port),
    '--workers',
    String(processes),
    '--no-access-log',
    '--log-level',
    'warning',
  ];
  const model = path.resolve(settings['MODEL'] ?? '');
  return start({
    name,
    command: [...command, ...options],
    environment: { ...settings, MODEL: model },
    port,
    ready: '/ready',
  });
}

async function start({ name, command, environment, port, ready }: Program): Promise<Contender> {
  const [program, ...args] = command;
  // A group of its own: uvicorn's workers must end with it.
  const child = spawn(program, args, {
    env: childEnvironment(environment),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  const base = `http://127.0.0.1:${port}`;
  const until = performance.now() + START_MS;
  while (!(await answers(base + ready))) {
    if (child.exitCode !== null || performance.now() > until) {
      end(child, 'SIGKILL');
      throw new Error(`${name} did not start:\n${errors}`);
    }
    await sleep(100);
  }
  return {
    name,
    url: `${base}/predict`,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      end(child, 'SIGTERM');
      const impatient = setTimeout(() => end(child, 'SIGKILL'), 5000);
      await ended;
      clearTimeout(impatient);
    },
  };
}

function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
