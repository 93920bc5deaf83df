// Clients as the network makes them: slow, cut off, still sending when the answer is already there.
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import { problemSchema, type Problem } from '../../src/http/schemas/problem.js';
import { one } from '../helpers/pictures.js';
import { startService, type TestService } from '../helpers/service.js';

const MB = 1024 * 1024;
const BOUNDARY = 'b';
const PART_HEAD = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n\r\n`;
const TAIL = `\r\n--${BOUNDARY}--\r\n`;

const head = (framing: string, path = '/predict'): string =>
  `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\n${framing}\r\n\r\n`;

interface Reply {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** A client that writes what it is told and reads nothing until it is asked to. */
class RawClient {
  readonly #socket: net.Socket;
  readonly #closed: Promise<void>;
  failure: Error | null = null;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', (error) => (this.failure = error));
  }

  static async connect(service: TestService): Promise<RawClient> {
    const { hostname, port } = new URL(service.url);
    const socket = net.connect(Number(port), hostname);
    socket.pause();
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Resolves when the bytes have left, or the connection has ended before they could. */
  async write(data: string | Buffer): Promise<void> {
    const written = new Promise<void>((resolve) => this.#socket.write(data, () => resolve()));
    await (this.#socket.destroyed ? this.#closed : Promise.race([this.#closed, written]));
  }

  /** The next answer on this connection. */
  async read(): Promise<Reply> {
    let text = '';
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      const length = /^content-length: (\d+)/im.exec(text)?.[1];
      if (end !== -1 && length !== undefined && text.length >= end + 4 + Number(length)) {
        const status = Number(text.split(' ', 2)[1]);
        return { status, headers: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) };
      }
      const chunk: unknown = this.#socket.read();
      if (chunk instanceof Buffer) {
        text += chunk.toString();
      } else {
        if (this.#socket.destroyed)
          throw new Error(`closed after ${text.length} bytes`, { cause: this.failure });
        await Promise.race([this.#closed, new Promise((resolve) => this.#socket.once('readable', resolve))]);
      }
    }
  }

  async closed(): Promise<void> {
    this.#socket.resume();
    await this.#closed;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

const problemIn = ({ body }: Reply): Problem => problemSchema.parse(JSON.parse(body));

describe('connections', () => {
  let service: TestService;
  let png: Buffer;
  let client: RawClient;
  before(async () => {
    service = await startService({ UPLOAD_TIMEOUT_MS: '400' });
    png = await one();
  });
  after(() => service.close());
  beforeEach(async () => (client = await RawClient.connect(service)));
  afterEach('the server serves on', async () => {
    client.destroy();
    const { status } = await request(service.app).post('/predict').attach('file', png, 'one.png');
    expect(status).to.equal(200);
  });

  const body = (): Buffer => Buffer.concat([Buffer.from(PART_HEAD), png, Buffer.from(TAIL)]);

  it('a client that sends 11 MB before it reads gets its 413, and no reset', async () => {
    const size = 11 * MB;
    await client.write(head(`Content-Length: ${size}`));
    await client.write(Buffer.alloc(size));
    const reply = await client.read();
    expect(reply.status).to.equal(413);
    expect(reply.headers).to.include('connection: close');
    expect(problemIn(reply)).to.have.property('code', 'file_too_large');
    await client.closed();
    expect(client.failure).to.equal(null);
  });

  it('so does one that does not say how much it will send', async () => {
    await client.write(
      head('Transfer-Encoding: chunked') + `${PART_HEAD.length.toString(16)}\r\n${PART_HEAD}\r\n`,
    );
    const chunk = Buffer.concat([
      Buffer.from(`${MB.toString(16)}\r\n`),
      Buffer.alloc(MB, 'x'),
      Buffer.from('\r\n'),
    ]);
    for (let sent = 0; sent < 11; sent += 1) await client.write(chunk);
    await client.write('0\r\n\r\n');
    const reply = await client.read();
    expect(reply.status).to.equal(413);
    expect(problemIn(reply).detail).to.include('10 MB');
    await client.closed();
    expect(client.failure).to.equal(null);
  });

  it('a client that reads gets its 413 before it has sent the body', async () => {
    await client.write(head(`Content-Length: ${11 * MB}`));
    expect((await client.read()).status).to.equal(413);
  });

  it('a client that stops sending after its refusal is let go after a while', async () => {
    await client.write(head(`Content-Length: ${11 * MB}`));
    expect((await client.read()).status).to.equal(413);
    const since = performance.now();
    await client.closed();
    expect(performance.now() - since).to.be.within(500, 5000);
  });

  it('a client that never stops sending is cut off', async () => {
    await client.write(head(`Content-Length: ${1024 * MB}`));
    expect((await client.read()).status).to.equal(413);
    const closed = client.closed().then(() => true);
    const chunk = Buffer.alloc(MB);
    let sent = 0;
    while (sent < 1024 && !(await Promise.race([closed, client.write(chunk).then(() => false)]))) sent += 1;
    expect(sent).to.be.within(60, 200);
  });

  it('a slow upload is refused in time, with what had arrived by then', async () => {
    await client.write(head(`Content-Length: ${body().length}`));
    const since = performance.now();
    const trickle = (async () => {
      for (const byte of body().subarray(0, 20)) {
        await client.write(Buffer.of(byte));
        await sleep(40);
      }
    })();
    const reply = await client.read();
    expect(performance.now() - since).to.be.within(350, 2000);
    expect(reply.status).to.equal(408);
    expect(reply.headers).to.include('connection: close');
    expect(problemIn(reply)).to.deep.include({ code: 'upload_timeout', retryable: true });
    expect(problemIn(reply).detail).to.match(/^\d+ bytes arrived within 400 ms/);
    await trickle;
    await client.closed();
  });

  it('an upload that stalls altogether is refused in time, too', async () => {
    await client.write(head('Content-Length: 5000') + PART_HEAD);
    expect((await client.read()).status).to.equal(408);
  });

  it('a client that hangs up in the middle of its upload leaves nothing behind', async () => {
    for (const cut of [10, PART_HEAD.length, PART_HEAD.length + 50]) {
      const other = await RawClient.connect(service);
      await other.write(head(`Content-Length: ${body().length}`));
      await other.write(body().subarray(0, cut));
      await sleep(20);
      other.destroy();
    }
  });

  it('a client that hangs up before its answer leaves nothing behind', async () => {
    for (let at = 0; at < 20; at += 1) {
      const other = await RawClient.connect(service);
      await other.write(Buffer.concat([Buffer.from(head(`Content-Length: ${body().length}`)), body()]));
      other.destroy();
    }
    await sleep(100);
    expect(service.classifier.model().health()).to.deep.include({ busy: 0, queued: 0 });
  });

  it('a small refused upload does not cost the connection', async () => {
    const refusedOne = Buffer.concat([
      Buffer.from(head(`Content-Length: ${body().length}`, '/predict?model=cats')),
      body(),
    ]);
    await client.write(refusedOne);
    const refusal = await client.read();
    expect(refusal.status).to.equal(404);
    expect(refusal.headers).to.include('connection: keep-alive');
    await client.write(Buffer.concat([Buffer.from(head(`Content-Length: ${body().length}`)), body()]));
    expect((await client.read()).status).to.equal(200);
  });

  it('a refused upload in the middle of its body keeps connection and order', async () => {
    const wrong = body().toString('latin1').replace('name="file"', 'name="foto"');
    await client.write(head(`Content-Length: ${wrong.length}`) + wrong.slice(0, 100));
    await sleep(20);
    await client.write(Buffer.from(wrong.slice(100), 'latin1'));
    expect(problemIn(await client.read())).to.have.property('code', 'unexpected_field');
    await client.write(Buffer.concat([Buffer.from(head(`Content-Length: ${body().length}`)), body()]));
    expect((await client.read()).status).to.equal(200);
  });

  it('a large upload that is refused while draining still gets its answer', async () => {
    service.lifecycle.phase = 'draining';
    try {
      await client.write(head(`Content-Length: ${5 * MB}`));
      await client.write(Buffer.alloc(5 * MB));
      const reply = await client.read();
      expect(reply.status).to.equal(503);
      expect(problemIn(reply)).to.have.property('code', 'draining');
      await client.closed();
      expect(client.failure).to.equal(null);
    } finally {
      service.lifecycle.phase = 'running';
    }
  });

  it('a prediction that began before draining is answered, and its connection closes', async () => {
    const whole = body();
    await client.write(head(`Content-Length: ${whole.length}`));
    await client.write(whole.subarray(0, 80));
    await sleep(30);
    service.lifecycle.phase = 'draining';
    try {
      await client.write(whole.subarray(80));
      const reply = await client.read();
      expect(reply.status).to.equal(200);
      expect(reply.headers).to.include('connection: close');
      await client.closed();
    } finally {
      service.lifecycle.phase = 'running';
    }
  });

  it('bytes that are no HTTP end their own connection alone', async () => {
    await client.write('\x16\x03\x01\x02\x00 this is TLS\r\n\r\n');
    await client.closed();
  });
});
