// Ten times the load that the server can hold: what it still answers, how fast it refuses, whether it keeps deadlines, and
// its memory. See --help.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { CASES } from './cases.js';
import { startOurs } from './contenders.js';

const HELP = `Usage: node dist/bench/overload.js [options]

Finds the load at which the server answers most in a second, then sends so many times as much without waiting for
answers. The peak is measured for 15 s before and 15 s after.

  --model NAME      ${Object.keys(CASES).join(', ')}     (resnet50)
  --times N         (10)
  --seconds N       of overload                         (60)
  --deadline MS     REQUEST_TIMEOUT_MS of the server    (2000)`;

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'resnet50' },
    times: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    deadline: { type: 'string', default: '2000' },
    help: { type: 'boolean', default: false },
  },
});

const statusSchema = z.object({
  status: z.number(),
  count: z.number(),
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
});
const crowdSchema = z.object({
  sent: z.number(),
  seconds: z.number(),
  /** Processor time of the crowd itself, which the server does not get. */
  cpuSeconds: z.number(),
  statuses: z.array(statusSchema),
});

/** Before and after, as a machine that others use too is not as fast from one minute to the next. */
const PEAK_SECONDS = 15;

async function crowd(url: string, picture: string, perSecond: number, seconds: number) {
  const program = fileURLToPath(new URL('open-loop.js', import.meta.url));
  const args = [program, url, picture, String(perSecond), String(seconds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return crowdSchema.parse(JSON.parse(stdout));
}

const count = ({ statuses }: z.infer<typeof crowdSchema>, status: number) =>
  statuses.find((answers) => answers.status === status)?.count ?? 0;

const answered = (result: z.infer<typeof crowdSchema>): number => count(result, 200) / result.seconds;

/** Looks for the load at which most is answered. */
async function findLoad(url: string, picture: string): Promise<number> {
  let best = { load: 0, rate: 0 };
  for (let load = 20; load < 20_000; load = Math.round(load * 1.3)) {
    const rate = answered(await crowd(url, picture, load, 4));
    if (rate > best.rate) best = { load, rate };
    else break;
  }
  return best.load;
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
}

async function overload(): Promise<void> {
  const prepare = CASES[options.model];
  if (prepare === undefined) throw new Error(`there is no model "${options.model}"; see --help`);
  const folder = await mkdtemp(path.join(tmpdir(), 'h5serve-overload-'));
  const bench = await prepare(folder);
  const server = await startOurs(bench, { REQUEST_TIMEOUT_MS: options.deadline });
  try {
    const load = await findLoad(server.url, bench.picture);
    const peak = async (): Promise<number> =>
      answered(await crowd(server.url, bench.picture, load, PEAK_SECONDS));
    const before = await peak();
    const offered = Math.round(before * Number(options.times));
    console.log(
      `${options.model}: ${before.toFixed(1)}/s at its peak; now ${offered}/s for ${options.seconds} s`,
    );
    const memory: number[] = [];
    const watch = setInterval(() => void residentMb(server.pid).then((mb) => memory.push(mb)), 1000);
    const result = await crowd(server.url, bench.picture, offered, Number(options.seconds));
    clearInterval(watch);
    const after = await peak();
    const goodput = answered(result);
    const share = (200 * goodput) / (before + after);
    console.log(
      `sent ${result.sent} in ${result.seconds.toFixed(1)} s; goodput ${goodput.toFixed(1)}/s, ${share.toFixed(0)}% of the peak (${after.toFixed(1)}/s after it)`,
    );
    const taken = (100 * result.cpuSeconds) / (result.seconds * availableParallelism());
    console.log(`  the crowd itself took ${taken.toFixed(0)}% of the processors`);
    for (const { status, count: answers, p50, p99, max } of result.statuses) {
      const name = status === 0 ? 'no answer' : String(status);
      console.log(
        `  ${name.padEnd(10)} ${String(answers).padStart(8)}   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms   longest ${max.toFixed(0)} ms`,
      );
    }
    const at = (share: number) => memory[Math.floor(share * (memory.length - 1))]?.toFixed(0) ?? '?';
    console.log(
      `  resident: ${at(0)} MB at first, ${at(0.5)} half-way, ${at(1)} at last; most ${Math.max(...memory).toFixed(0)}`,
    );
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (options.help) console.log(HELP);
else await overload();
