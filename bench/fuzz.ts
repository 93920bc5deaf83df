// Requests made from the OpenAPI document, thousands of them, against the real service: no fault of the server, no
// answer that the document does not describe, and nothing left behind.
import { parseArgs } from 'node:util';
import { terminalProgress } from '../src/observability/terminal-progress.js';
import { fuzz, type FuzzResult } from '../test/helpers/fuzz/run.js';
import { startService } from '../test/helpers/service.js';

const USAGE = `Usage: node --expose-gc dist/bench/fuzz.js [--requests 5000] [--seed 1]

Sends requests over every operation of the OpenAPI document, right ones and wrong ones. The same seed sends the same.
Exits with 1 on a status from 500 on, a broken connection, or an answer that is not documented.`;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const service = await startService();
const requests = Number(values.requests);
const run = (count: number, seed: number, onProgress?: (done: number) => void): Promise<FuzzResult> =>
  fuzz({
    service,
    requests: count,
    seed,
    known: { model: ['digits'], version: ['v1'] },
    ...(onProgress === undefined ? {} : { onProgress }),
  });

/** After a warm-up, so that what the process keeps for good is not taken for a leak. */
await run(Math.min(500, requests), Number(values.seed) + 1);
const before = footprint();
const progress = terminalProgress();
progress.step('Sending', requests, 'requests');
const result = await run(requests, Number(values.seed), () => progress.advance(1));
progress.done();
const after = footprint();

for (const [operation, statuses] of result.statuses) {
  const row = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`${operation.padEnd(24)} ${row.join('  ')}`);
}
console.log(`heap ${before.heapMb} -> ${after.heapMb} MB, tensors ${before.tensors} -> ${after.tensors}`);
for (const fault of result.faults) console.log(`FAULT ${fault}`);
console.log(`${requests} requests, seed ${values.seed}: ${result.faults.length} faults`);
process.exitCode = result.faults.length > 0 ? 1 : 0;
await service.close();

function footprint() {
  globalThis.gc?.();
  const tensors = service.classifier.models().reduce((sum, model) => sum + model.health().tensors, 0);
  return { heapMb: Math.round(process.memoryUsage().heapUsed / 1e5) / 10, tensors };
}
