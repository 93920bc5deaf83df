// Load that does not wait for answers, as a crowd does: so many requests a second, whatever the server says. A process of
// its own, so that it does not slow down what it measures:
//   node dist/bench/open-loop.js URL PICTURE PER_SECOND SECONDS
// Prints one line of JSON.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.js';

const [url = '', picture = '', perSecond = '100', seconds = '10'] = process.argv.slice(2);

const boundary = 'bench';
const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n`;
const body = Buffer.concat([
  Buffer.from(head),
  await readFile(picture),
  Buffer.from(`\r\n--${boundary}--\r\n`),
]);
const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 4096 });
const headers = {
  'Content-Type': `multipart/form-data; boundary=${boundary}`,
  'Content-Length': String(body.length),
};

/** Milliseconds of every answer, by its status; 0 is none at all. */
const latencies = new Map<number, number[]>();
const open = new Set<Promise<void>>();

function send(): Promise<void> {
  const started = performance.now();
  return new Promise((resolve) => {
    const done = (status: number): void => {
      const times = latencies.get(status) ?? [];
      times.push(performance.now() - started);
      latencies.set(status, times);
      resolve();
    };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => done(response.statusCode ?? 0));
    });
    request.once('error', () => done(0));
    request.end(body);
  });
}

const started = performance.now();
const ends = started + Number(seconds) * 1000;
let sent = 0;
while (performance.now() < ends) {
  const due = ((performance.now() - started) / 1000) * Number(perSecond);
  for (; sent < due; sent++) {
    const answer = send();
    open.add(answer);
    void answer.finally(() => open.delete(answer));
  }
  await sleep(2);
}
await Promise.all(open);

const statuses = [...latencies].map(([status, times]) => ({
  status,
  count: times.length,
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
  max: times.reduce((most, time) => Math.max(most, time), 0),
}));
const { user, system } = process.cpuUsage();
const elapsed = (performance.now() - started) / 1000;
console.log(JSON.stringify({ sent, seconds: elapsed, cpuSeconds: (user + system) / 1e6, statuses }));
process.exit();
