// What the log says about requests; and that it alone says what broke inside.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/load.js';
import type { Classifier, ServedModel } from '../../src/contracts/classifier.js';
import type { LogFields, Logger } from '../../src/contracts/logger.js';
import { Monitor } from '../../src/observability/monitor.js';
import { one } from '../helpers/pictures.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

class Recorder implements Logger {
  readonly lines: Line[] = [];

  debug = this.#recorder('debug');
  info = this.#recorder('info');
  warn = this.#recorder('warn');
  error = this.#recorder('error');

  #recorder(level: keyof Logger) {
    return (message: string, fields: LogFields = {}): void => {
      this.lines.push({ level, message, fields });
    };
  }

  /** The access log speaks when the connection is done with the answer, which its client may see first. */
  async find(pattern: RegExp): Promise<Line> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const line = this.lines.find(({ message }) => pattern.test(message));
      if (line !== undefined) return line;
      await sleep(10);
    }
    throw new Error(`no line like ${pattern.source} among ${JSON.stringify(this.lines)}`);
  }
}

describe('the log of requests', () => {
  let service: TestService;
  let png: Buffer;
  let log: Recorder;
  let server: Server | undefined;
  before(async () => {
    service = await startService();
    png = await one();
  });
  after(() => service.close());
  beforeEach(() => (log = new Recorder()));
  afterEach(() => server?.close());

  const app = (classifier: Classifier = service.classifier, settings: Record<string, string> = {}) =>
    createApp({
      config: loadConfig(settings),
      logger: log,
      classifier,
      lifecycle: service.lifecycle,
      service: { name: 'h5serve', version: '0' },
      monitor: new Monitor({ logger: log, classifier }),
    });

  it('has one line for the prediction and one for the request, tied by the request id', async () => {
    await request(app()).post('/predict?model=digits').set('X-Request-Id', 'r1').attach('file', png, 'x.png');
    const prediction = await log.find(/^Prediction: 1$/);
    expect(prediction.level).to.equal('info');
    expect(prediction.fields).to.include({ model: 'digits/v1', request_id: 'r1' });
    expect(prediction.fields['Confidence']).to.match(/^[01]\.\d{4}$/);
    expect(prediction.fields['Time']).to.match(/^\d+\.\d{3}s$/);
    const access = await log.find(/^POST \/predict 200$/);
    expect(access.level).to.equal('info');
    expect(access.fields).to.include({ request_id: 'r1', code: undefined });
    expect(access.fields['ms']).to.be.a('number').above(0);
    expect(access.fields['bytes']).to.be.a('number').above(100);
    expect(log.lines).to.have.length(2);
  });

  it('names the route of what is refused at the door', async () => {
    const limited = app(service.classifier, { RATE_LIMIT: '1' });
    for (let at = 0; at < 2; at += 1) await request(limited).post('/predict').attach('file', png, 'x.png');
    const { fields } = await log.find(/^POST \/predict 429$/);
    expect(fields).to.include({ code: 'rate_limited' });
  });

  it('says why a prediction failed, with the code', async () => {
    await request(app()).post('/predict').attach('file', Buffer.from('hello there'), 'x.png');
    const failure = await log.find(/^Prediction failed: Not an image/);
    expect(failure.level).to.equal('warn');
    expect(failure.fields).to.include({ code: 'unsupported_media', detail: 'the file is plain text' });
    expect((await log.find(/^POST \/predict 415$/)).fields).to.include({ code: 'unsupported_media' });
  });

  it('names routes by their pattern and never by what a client wrote', async () => {
    await request(app()).get('/secret/path?token=abc');
    expect((await log.find(/404$/)).message).to.equal('GET no route 404');
    expect(JSON.stringify(log.lines)).not.to.include('secret').and.not.to.include('token');
  });

  it('names a route with a colon as clients write it', async () => {
    await request(app()).post('/v1/models/nothing:predict').send({ instances: [] });
    expect((await log.find(/404$/)).message).to.equal('POST /v1/models/:model:predict 404');
  });

  it('keeps health probes at debug', async () => {
    for (const path of ['/health', '/health/live', '/health/ready']) await request(app()).get(path);
    await log.find(/^GET \/health\/ready 200$/);
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['debug', 'debug', 'debug']);
  });

  it('marks a request whose client left as 499, quietly', async () => {
    server = createServer(app()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b',
    );
    await sleep(50);
    socket.destroy();
    expect((await log.find(/499$/)).fields).to.include({ code: 'client_gone', bytes: 0 });
    expect((await log.find(/^Prediction failed/)).level).to.equal('debug');
  });

  const failingWith = (failure: unknown): Classifier => {
    const fail = () => Promise.reject(failure instanceof Error ? failure : new Error(String(failure)));
    const model: ServedModel = {
      info: service.classifier.model().info,
      costMs: 1,
      classify: fail,
      classifyAll: fail,
      classifyTensor: fail,
      admit: () => undefined,
      reserve: () => () => undefined,
      health: () => service.classifier.model().health(),
    };
    return {
      model: () => model,
      defaultModel: 'digits',
      models: () => [model],
      failures: () => [],
      ready: () => true,
    };
  };

  it('keeps what broke inside to itself: the client learns of an internal error and of the request id', async () => {
    const secret = new Error('cannot open /home/someone/private.bin');
    const { body, status } = await replyOf(
      request(app(failingWith(secret)))
        .post('/predict')
        .set('X-Request-Id', 'r2')
        .attach('file', png, 'x.png'),
    );
    expect(status).to.equal(500);
    expect(body).to.deep.include({ code: 'internal', request_id: 'r2' });
    expect(JSON.stringify(body)).not.to.include('private');
    const line = await log.find(/^Internal error/);
    expect(line.level).to.equal('error');
    expect(line.fields).to.include({ request_id: 'r2', cause: secret });
  });
});
