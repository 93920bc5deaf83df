// Load that does not wait for answers, as a crowd does: so many requests a second, whatever the server says. A process of
// its own, and plain sockets in place of an HTTP client: it takes its processor time from the server that it measures.
//   node dist/bench/open-loop.js URL PICTURE PER_SECOND SECONDS
// Prints one line of JSON.
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.js';

const [target = '', picture = '', perSecond = '100', seconds = '10'] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(target);

const BOUNDARY = 'bench';
const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n`;
const body = Buffer.concat([
  Buffer.from(part),
  await readFile(picture),
  Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
]);
const head = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${body.length}\r\n\r\n`;
const request = Buffer.concat([Buffer.from(head), body]);

/** Milliseconds of every answer, by its status; 0 is none at all. */
const latencies = new Map<number, number[]>();
let open = 0;

/** One connection: a request at a time, as HTTP clients do. */
class Client {
  readonly #socket: Socket;
  #answer = '';
  #started = 0;
  #busy = false;
  /** When the body has gone out too: a server may answer before. */
  #sent = false;

  constructor() {
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.once('error', () => this.#socket.destroy());
    this.#socket.once('close', () => this.#gone());
  }

  send(): void {
    open += 1;
    this.#answer = '';
    this.#busy = true;
    this.#sent = false;
    this.#started = performance.now();
    this.#socket.write(request, () => {
      this.#sent = true;
      this.#rest();
    });
  }

  #read(text: string): void {
    this.#answer += text;
    const end = this.#answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const headers = this.#answer.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1]);
    if (Number.isNaN(length)) throw new Error(`an answer does not say how long it is:\n${headers}`);
    if (this.#answer.length < end + 4 + length) return;
    if (/\r\nconnection: close/i.test(headers)) this.#socket.end();
    this.#done(Number(this.#answer.slice(9, 12)));
    this.#rest();
  }

  #done(status: number): void {
    const times = latencies.get(status) ?? [];
    times.push(performance.now() - this.#started);
    latencies.set(status, times);
    this.#busy = false;
    open -= 1;
  }

  #rest(): void {
    if (!this.#busy && this.#sent && this.#socket.writable) idle.push(this);
  }

  #gone(): void {
    if (this.#busy) this.#done(0);
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
  }
}

const idle: Client[] = [];

const started = performance.now();
const ends = started + Number(seconds) * 1000;
let sent = 0;
while (performance.now() < ends) {
  const due = ((performance.now() - started) / 1000) * Number(perSecond);
  for (; sent < due; sent++) (idle.pop() ?? new Client()).send();
  await sleep(2);
}
while (open > 0) await sleep(2);

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
