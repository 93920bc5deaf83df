// The process from start to end: what it says, what it survives, how it leaves.
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { needsOwnAddon } from '../helpers/own-addon.js';
import { multipart } from '../helpers/multipart.js';
import { runToEnd, startServer } from '../helpers/server-process.js';

const DIGIT = 'test/fixtures/digit.png';

async function predict(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const form = new FormData();
  form.append('file', new Blob([await readFile(DIGIT)]), 'digit.png');
  const response = await fetch(`${url}/predict`, { method: 'POST', body: form });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the server process', () => {
  it('says where it is and what to try, and the line it prints works', async () => {
    const server = await startServer();
    try {
      const line = /curl -F file=@(\S+) (\S+)/.exec(server.output());
      expect(line?.[1]).to.equal(DIGIT);
      expect(line?.[2]).to.equal(`${server.url}/predict`);
      expect((await predict(server.url)).body).to.include({
        predicted_digit: 5,
        model: 'digits',
        model_version: 'v1',
      });
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });

  it('listens by more descriptors while it has many connections', async function () {
    needsOwnAddon(this);
    if (process.platform !== 'linux') this.skip();
    const server = await startServer();
    const folder = `/proc/${server.child.pid}/fd`;
    /** Sockets that the process has by several descriptors. */
    const doubled = async (): Promise<number> => {
      const links = await Promise.all(
        (await readdir(folder)).map((name) => readlink(path.join(folder, name)).catch(() => '')),
      );
      const sockets = links.filter((link) => link.startsWith('socket:'));
      return sockets.length - new Set(sockets).size;
    };
    const { port } = new URL(server.url);
    try {
      expect(await doubled()).to.equal(0);
      const crowd = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1'));
      while ((await doubled()) < 9) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const socket of crowd) socket.destroy();
      while ((await doubled()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });

  it('has counted nothing of its warm-up', async () => {
    const server = await startServer();
    const batches = async () =>
      /^model_batch_size_count\{[^}]*\} (\d+)$/m.exec(
        await (await fetch(`${server.url}/metrics/prometheus`)).text(),
      )?.[1];
    try {
      expect(await batches()).to.be.oneOf(['0', undefined]);
      await predict(server.url);
      expect(await batches()).to.equal('1');
    } finally {
      await server.stop();
    }
  });

  it('ends with every fault of the configuration named', async () => {
    const { code, output } = await runToEnd({ PORT: 'abc', MAX_QUEUE: '-1' });
    expect(code).to.equal(1);
    expect(output).to.match(/config_invalid[\s\S]*PORT: .*found "abc"[\s\S]*MAX_QUEUE: .*found "-1"[\s\S]*→/);
  });

  it('ends with one clear message when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { code, output } = await runToEnd({
      PORT: String((other.address() as AddressInfo).port),
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    other.close();
    expect(code).to.equal(1);
    expect(output).to.include('port_in_use').and.to.include('→ Stop the other program');
  });

  it('ends with a certificate that is not there, whatever was begun by then', async () => {
    const files = { TLS_CERT: 'no/cert.pem', TLS_KEY: 'no/key.pem' };
    const { code, output } = await runToEnd({ ...files, REDIS_URL: 'redis://127.0.0.1:1' });
    expect(code).to.equal(1);
    expect(output).to.include('config_invalid').and.to.include('TLS_CERT: no/cert.pem cannot be read');
  });

  it('ends when its folder of models is not there', async () => {
    const { code, output } = await runToEnd({ MODELS_DIR: 'no/such/folder' });
    expect(code).to.equal(1);
    expect(output).to.include('config_invalid').and.to.include('MODELS_DIR');
  });

  it('ends when TensorFlow does not load: no model could be served', async function () {
    // What stands in the way of the library here, LD_LIBRARY_PATH, is Linux's.
    if (process.platform !== 'linux') this.skip();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-no-library-'));
    try {
      await writeFile(path.join(folder, 'libtensorflow_framework.so.2'), 'no library');
      const cold = { LD_LIBRARY_PATH: folder, CACHE_DIR: path.join(folder, 'cache') };
      // Once while the converter works, once when there is nothing to convert.
      for (const environment of [cold, { LD_LIBRARY_PATH: folder }]) {
        const { code, output } = await runToEnd(environment);
        expect(code).to.equal(1);
        expect(output).to.include('native_missing').and.to.include('→ Run `npx h5serve setup`');
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('models that cannot be served', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-bad-'));
    await cp('saved_models/digits', path.join(root, 'digits'), { recursive: true });
  });

  afterEach(() => rm(root, { recursive: true }));

  async function put(file: string, content: string | Buffer): Promise<void> {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), content);
  }

  it('are named with code and remedy, and the others are served', async () => {
    const good = await readFile('saved_models/digits/v1/model.h5');
    await put('text/1/model.h5', 'not a checkpoint');
    await put('empty/1/model.h5', '');
    await put('cut/1/model.h5', good.subarray(0, good.length / 2));
    await put('typo/1/model.h5', good);
    await put('typo/1/manifest.json', '{ "lables": "labels.txt" }');
    await put('labels/1/model.h5', good);
    await put('labels/1/labels.txt', 'just\nthree\nlabels');
    await put('nothing/1/notes.txt', '');
    const server = await startServer({ MODELS_DIR: root, DEFAULT_MODEL: 'digits' });
    try {
      const response = await fetch(`${server.url}/health`);
      const health = (await response.json()) as {
        status: string;
        models: { name: string; code?: string; detail?: string; remedy?: string }[];
      };
      expect(health.status).to.equal('healthy');
      const failures = Object.fromEntries(
        health.models.filter(({ code }) => code !== undefined).map((model) => [model.name, model]),
      );
      expect(
        Object.fromEntries(Object.entries(failures).map(([name, { code }]) => [name, code])),
      ).to.deep.equal({
        cut: 'checkpoint_damaged',
        empty: 'checkpoint_not_hdf5',
        labels: 'labels_mismatch',
        nothing: 'checkpoint_missing',
        text: 'checkpoint_not_hdf5',
        typo: 'manifest_invalid',
      });
      expect(failures['typo']?.detail).to.include('did you mean "labels"?');
      expect(failures['text']?.remedy).to.match(/\.$/);
      expect(server.output()).to.include('! typo: manifest_invalid');
      expect((await predict(server.url)).body).to.include({ predicted_digit: 5 });
      const asked = await fetch(`${server.url}/predict?model=cut`, { method: 'POST' });
      expect(await asked.json()).to.include({ status: 503, code: 'model_unavailable' });
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });

  it('leave a server that is up and not ready when there is no other', async () => {
    await rm(path.join(root, 'digits'), { recursive: true });
    await put('text/1/model.h5', 'not a checkpoint');
    const server = await startServer({ MODELS_DIR: root });
    try {
      expect((await fetch(`${server.url}/health/live`)).status).to.equal(200);
      expect((await fetch(`${server.url}/health/ready`)).status).to.equal(503);
      expect((await predict(server.url)).body).to.include({ status: 503, code: 'model_unavailable' });
    } finally {
      expect(await server.stop()).to.equal(0);
    }
  });
});

describe('leaving', () => {
  it('answers every request under load, turns not ready first, and ends with 0', async () => {
    const server = await startServer({ DRAIN_DELAY_MS: '400' });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const picture = await readFile(DIGIT);
    const counts = { answered: 0, reset: 0, refused: 0 };
    const readiness: number[] = [];
    let stopping = false;

    const client = async (): Promise<void> => {
      for (;;) {
        const outcome = await send(agent, server.url, picture);
        counts[outcome] += 1;
        if (outcome === 'refused') return;
      }
    };
    const watch = async (): Promise<void> => {
      while (!stopping) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        const status = await fetch(`${server.url}/health/ready`).then(
          ({ status }) => status,
          () => 0,
        );
        readiness.push(status);
      }
    };
    const clients = Array.from({ length: 16 }, client);
    const watching = watch();
    while (counts.answered <= 50 || !readiness.includes(200)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const stopped = server.stop();
    // As `timeout` sends it: to the program, and to its group.
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.child.kill('SIGTERM');
    const code = await stopped;
    stopping = true;
    await Promise.all([...clients, watching]);
    agent.destroy();

    expect(code).to.equal(0);
    expect(counts.reset, 'connections cut with a request on them').to.equal(0);
    expect(counts.answered, 'with a prediction').to.be.above(50);
    expect(readiness).to.include(200);
    expect(readiness.indexOf(503), 'not ready while still answering').to.be.above(0);
  });

  it('cuts off who does not finish in time, and does not say that all were answered', async () => {
    const server = await startServer({ DRAIN_DELAY_MS: '0', DRAIN_TIMEOUT_MS: '300' });
    const headers = { 'Content-Type': 'image/png', 'Content-Length': 1000 };
    const slow = http.request(`${server.url}/predict`, { method: 'POST', headers });
    const cut = once(slow, 'error');
    slow.write('x');
    await predict(server.url);
    expect(await server.stop()).to.equal(0);
    await cut;
    expect(server.output())
      .to.include('their connections are closed')
      .and.match(/ - Shut down$/m)
      .and.not.include('every accepted request was answered');
  });

  it('exits at once at a later signal', async () => {
    const server = await startServer({ DRAIN_DELAY_MS: '60000' });
    const stopped = server.stop();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.child.exitCode).to.equal(null);
    server.child.kill('SIGTERM');
    expect(await stopped).to.equal(143);
  });
});

/** One prediction: answered, refused (no connection could be made any more), or cut off in the middle. */
function send(agent: http.Agent, url: string, picture: Buffer): Promise<'answered' | 'reset' | 'refused'> {
  return new Promise((resolve) => {
    const request = http.request(
      `${url}/predict`,
      { method: 'POST', agent, headers: multipart(picture).headers },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200 ? 'answered' : 'reset'));
        response.on('error', () => resolve('reset'));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    );
    request.end(multipart(picture).body);
  });
}
