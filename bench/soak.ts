// Predicts for a long time and shows that nothing grows:
//   node dist/bench/soak.js [predictions = 1000000] [workers = 2] [model = digits]
// Prints resident memory and live tensors every tenth of the way; exit code 1 when a tensor leaks.
import { childEnvironment } from '../src/config/user-environment.js';
import { loadConfig } from '../src/config/load.js';
import { createService } from '../src/start.js';
import { helpIfAsked } from './help.js';

helpIfAsked(`Usage: node --expose-gc dist/bench/soak.js [predictions = 1000000] [workers = 2] [model = digits]

Predicts so often, and prints resident memory and live tensors every tenth of the way.`);

const [total = 1_000_000, workers = 2] = process.argv.slice(2, 4).map(Number);
const name = process.argv[4] ?? 'digits';
const CONCURRENCY = 64;
const MB = 2 ** 20;

const service = createService(
  loadConfig(childEnvironment({ WORKERS: String(workers), LOG_DIR: 'none', LOG_LEVEL: 'warn' })),
);
await service.loadModels();
const model = service.models.model(name);
const { height, width, channels } = model.info.input;

let next = 0;
let done = 0;
let started = performance.now();

async function client(): Promise<void> {
  while (next < total) {
    next += 1;
    const pixels = new Uint8Array(height * width * channels).fill(next % 256);
    await model.classify(pixels, { deadline: performance.now() + 60_000 });
    done += 1;
    if (done % Math.ceil(total / 10) === 0) report();
  }
}

function report(): void {
  const seconds = (performance.now() - started) / 1000;
  // With --expose-gc only what is really held is counted.
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const size = (bytes: number) => `${(bytes / MB).toFixed(0)} MB`;
  console.log(
    `${done} predictions, ${(total / 10 / seconds).toFixed(0)}/s, resident ${size(rss)}, heap ${size(heapUsed)}, buffers ${size(arrayBuffers)}, tensors ${model.health().tensors}`,
  );
  started = performance.now();
}

console.log(`${total} predictions of ${name} on ${workers} workers`);
await Promise.all(Array.from({ length: CONCURRENCY }, client));
const leaked = model.health().tensors > workers;
await service.close();
console.log(leaked ? 'LEAK: more tensors alive than workers' : 'No crash, no tensor leaked.');
process.exitCode = leaked ? 1 : 0;
