// What the pool and the batcher cost: a bare native session in a loop in as many threads, beside the engine.
//   [MODELS_DIR=...] node dist/bench/engine.js [model = digits] [rounds = 5] [seconds = 2]
// Rounds alternate, so that other work on the computer meets both sides. Prints images per second and their ratio, and
// the processor time of an image, which other work changes least.
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createGate, oneAtATime } from '../src/inference/worker-gate.js';
import { loadAddon } from '../src/native/addon.js';
import { NativeSession, type SessionInput } from '../src/native/session.js';
import { helpIfAsked } from './help.js';
import { loadForBench } from './load-for-bench.js';
import { median } from './statistics.js';

helpIfAsked(`Usage: [MODELS_DIR=...] node dist/bench/engine.js [model = digits] [rounds = 5] [seconds = 2]

The engine without HTTP, beside bare native sessions in a loop in as many threads.`);

interface BareLoop {
  readonly folder: string;
  readonly input: SessionInput;
  readonly gate: SharedArrayBuffer;
}

interface Round {
  readonly batch: number;
  readonly seconds: number;
}

interface Measured {
  /** Images per second. */
  readonly rate: number;
  readonly batch: number;
  readonly cpuUs: number;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Asked for a round, answers with images per second. */
function runBareLoop({ folder, input, gate }: BareLoop): void {
  const session = oneAtATime(gate, () => new NativeSession(loadAddon(), folder, input));
  const size = input.shape.reduce((product, axis) => product * axis, 1);
  parentPort?.on('message', ({ batch, seconds }: Round) => {
    const started = performance.now();
    let images = 0;
    while (performance.now() - started < seconds * 1000) {
      session.run(new Uint8Array(batch * size), batch);
      images += batch;
    }
    parentPort?.postMessage((images * 1000) / (performance.now() - started));
  });
  parentPort?.postMessage(0);
}

const reply = (worker: Worker): Promise<number> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (rate: number) => {
      worker.off('error', reject);
      resolve(rate);
    });
  });

async function compare(name: string, rounds: number, seconds: number): Promise<void> {
  const { model, folder, workers } = await loadForBench(name);
  const { height, width, channels } = model.info.input;
  const input: SessionInput = { dtype: 'uint8', shape: [height, width, channels] };
  const bareData: BareLoop = { folder, input, gate: createGate() };
  const bare: Worker[] = [];
  for (let at = 0; at < workers; at++) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: bareData });
    bare.push(worker);
    await reply(worker);
  }

  const bareRound = async (batch: number): Promise<Measured> => {
    const before = process.cpuUsage();
    const answers = bare.map((worker) => {
      worker.postMessage({ batch, seconds } satisfies Round);
      return reply(worker);
    });
    const rate = (await Promise.all(answers)).reduce((sum, each) => sum + each, 0);
    return { rate, batch, cpuUs: cpuSince(before) / (rate * seconds) };
  };

  const engineRound = async (clients: number): Promise<Measured> => {
    const before = process.cpuUsage();
    const started = performance.now();
    let images = 0;
    let batches = 0;
    const client = async (): Promise<void> => {
      while (performance.now() - started < seconds * 1000) {
        const pixels = new Uint8Array(height * width * channels);
        const { batchSize } = await model.classify(pixels, { deadline: performance.now() + 60_000 });
        images += 1;
        batches += 1 / batchSize;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const rate = (images * 1000) / (performance.now() - started);
    return { rate, batch: images / batches, cpuUs: cpuSince(before) / images };
  };

  console.log(`${name}, ${workers} workers, ${model.info.precision}, medians of ${rounds} rounds`);
  await engineRound(32);
  for (const clients of [workers, 8, 32, 128]) {
    const engine: Measured[] = [];
    const session: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      const measured = await engineRound(clients);
      engine.push(measured);
      session.push(await bareRound(Math.max(1, Math.round(measured.batch))));
    }
    const ratio = median(engine.map(({ rate }, at) => rate / (session[at]?.rate ?? NaN)));
    const figures = (side: readonly Measured[]): string =>
      `${median(side.map(({ rate }) => rate)).toFixed(0)}/s, ${median(side.map(({ cpuUs }) => cpuUs)).toFixed(0)} us of processor time each`;
    const batch = median(engine.map((round) => round.batch)).toFixed(1);
    console.log(
      `${String(clients).padStart(4)} clients, batches of ${batch}: engine ${figures(engine)}; bare session ${figures(session)}; ratio ${ratio.toFixed(2)}`,
    );
  }
  await Promise.all(bare.map((worker) => worker.terminate()));
  await model.close();
}

if (isMainThread) {
  const [name = 'digits', rounds = '5', seconds = '2'] = process.argv.slice(2);
  await compare(name, Number(rounds), Number(seconds));
} else {
  runBareLoop(workerData as BareLoop);
}
