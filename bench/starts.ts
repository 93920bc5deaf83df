// Starts and ends a pool many times, each in a process of its own, and counts how many came up:
//   node dist/bench/starts.js [starts = 200] [workers = 4]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { helpIfAsked } from './help.js';

helpIfAsked(`Usage: node dist/bench/starts.js [starts = 200] [workers = 4]

Starts and ends a pool of workers so often, each time in a process of its own, and counts how many came up.`);

const [starts = 200, workers = 4] = process.argv.slice(2).map(Number);
const once = fileURLToPath(new URL('start-once.js', import.meta.url));
const failures: string[] = [];

for (let at = 1; at <= starts; at++) {
  const { status, signal, stderr } = spawnSync(process.execPath, [once, String(workers)], {
    encoding: 'utf8',
  });
  if (status !== 0) failures.push(`start ${at}: ${signal ?? `exit ${status}`}\n${stderr.slice(-500)}`);
  if (at % 20 === 0) console.log(`${at} starts of ${workers} workers: ${at - failures.length} good`);
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
