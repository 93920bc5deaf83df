// Requests per second and latency of our server beside the Python stacks, in interleaved rounds. See --help.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CASES } from './cases.js';
import { startKeras, startOnnx, startOurs, writeOnnx, type Contender } from './contenders.js';
import { median, spread } from './statistics.js';
import { hasWrk, runWrk, type Load } from './wrk.js';

const HELP = `Usage: npm run bench -- [options]

Starts h5serve, FastAPI + keras.predict and FastAPI + ONNX Runtime (bench/peers/README.md) and measures each with wrk in
turn, several rounds. Prints medians, how far the rounds lie apart, and ratios. wrk corrects its percentiles for late
answers, by what a client would have waited that asks at a steady pace; of one connection the bench prints the p99 of the
answers as they came, too.

  --models NAMES        comma-separated: ${Object.keys(CASES).join(', ')}         (digits)
  --connections COUNTS  comma-separated                                      (1,8,32)
  --rounds N            (3)
  --seconds N           of one measurement                                   (3)
  --warm-up N           seconds of load on each, by each number of connections,   (5)
                        before the rounds; V8 compiles for some 15,000 requests,
                        and some of it anew for another number
  --python FILE         an interpreter with the peers' packages              (python3)
  --peers NAMES         comma-separated: keras, onnx; or none                (keras,onnx)`;

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'digits' },
    connections: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '5' },
    python: { type: 'string', default: 'python3' },
    peers: { type: 'string', default: 'keras,onnx' },
    help: { type: 'boolean', default: false },
  },
});
const list = (text: string): readonly string[] => text.split(',').map((item) => item.trim());

/**
 * wrk leaves while it has requests under way. Who does not drop them works on, and it is the next one's time: 8 of a
 * ResNet-50 take 200 ms of both cores, in which the next one's first answers took 80 ms in place of 20.
 */
const SETTLE_MS = 1500;

type Measurements = ReadonlyMap<Contender, Map<number, Load[]>>;

async function benchCase(name: string): Promise<void> {
  const prepare = CASES[name];
  if (prepare === undefined) throw new Error(`there is no model "${name}"; see --help`);
  const folder = await mkdtemp(path.join(tmpdir(), 'h5serve-bench-'));
  const contenders: Contender[] = [];
  try {
    const bench = await prepare(folder);
    contenders.push(await startOurs(bench));
    if (list(options.peers).includes('keras')) contenders.push(await startKeras(bench, options.python));
    if (list(options.peers).includes('onnx')) {
      const graph = path.join(folder, 'model.onnx');
      writeOnnx(bench, options.python, graph);
      const cores = availableParallelism();
      const settings = [
        { processes: 1, threads: cores },
        { processes: cores, threads: 1 },
        { processes: 1, threads: 1, inThreads: true },
      ];
      for (const setting of settings) contenders.push(await startOnnx(bench, options.python, graph, setting));
    }
    print(name, await measure(contenders, bench.picture));
  } finally {
    for (const contender of contenders) await contender.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(contenders: readonly Contender[], picture: string): Promise<Measurements> {
  const counts = list(options.connections).map(Number);
  const seconds = Number(options.seconds);
  const measured = new Map(
    contenders.map((contender) => [contender, new Map(counts.map((count): [number, Load[]] => [count, []]))]),
  );
  const warmUp = Number(options['warm-up']);
  for (const { url } of contenders)
    for (const connections of counts) await runWrk({ url, picture, connections, seconds: warmUp });
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const connections of counts) {
      for (const contender of contenders) {
        await sleep(SETTLE_MS);
        const load = await runWrk({ url: contender.url, picture, connections, seconds });
        measured.get(contender)?.get(connections)?.push(load);
      }
    }
  }
  return measured;
}

function print(name: string, measured: Measurements): void {
  const [ours, ...peers] = [...measured.keys()];
  const value = (contender: Contender | undefined, count: number, of: (load: Load) => number): number =>
    median(contender === undefined ? [] : (measured.get(contender)?.get(count) ?? []).map(of));
  const rate = (load: Load): number => load.perSecond;
  console.log(`\n${name}`);
  for (const count of list(options.connections).map(Number)) {
    console.log(`  ${count} connections`);
    for (const [contender, byCount] of measured) {
      const loads = byCount.get(count) ?? [];
      const failed = loads.reduce((sum, load) => sum + load.failed + load.refused, 0);
      const uncorrected = loads.flatMap((load) => load.uncorrectedP99 ?? []);
      const ratio = value(ours, count, rate) / value(contender, count, rate);
      const columns = [
        contender.name.padEnd(34),
        `${value(contender, count, rate).toFixed(1).padStart(8)}/s ±${(50 * spread(loads.map(rate))).toFixed(0)}%`.padEnd(
          20,
        ),
        `p50 ${milliseconds(loads.map((load) => load.p50))}`.padEnd(28),
        `p99 ${milliseconds(loads.map((load) => load.p99))}`.padEnd(28),
        ...(uncorrected.length > 0 ? [`uncorrected ${milliseconds(uncorrected)}`.padEnd(36)] : []),
        ...(peers.includes(contender) ? [`ours is ${ratio.toFixed(2)} times as much`] : []),
        ...(failed > 0 ? [`${failed} not answered with 200`] : []),
      ];
      console.log(`    ${columns.join(' ')}`);
    }
  }
}

/** The middle one, and between which ones the rounds lie. */
const milliseconds = (times: readonly number[]): string =>
  `${median(times).toFixed(2)} ms (${Math.min(...times).toFixed(2)}-${Math.max(...times).toFixed(2)})`;

if (options.help) console.log(HELP);
else if (!hasWrk()) console.log('SKIPPED: wrk is not installed (apt-get install wrk)');
else for (const name of list(options.models)) await benchCase(name);
