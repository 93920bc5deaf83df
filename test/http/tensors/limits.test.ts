// What the protocols refuse for the sake of the service, and what they cost it.
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { expect } from 'chai';
import request from 'supertest';
import { pixelsOf, rowsOf, scaled } from '../../helpers/digit-tensors.js';
import { one } from '../../helpers/pictures.js';
import { replyOf } from '../../helpers/reply.js';
import { startService, type TestService } from '../../helpers/service.js';

const PREDICT = '/v1/models/digits:predict';

describe('bodies of numbers', () => {
  let service: TestService;
  let body: string;

  before(async () => {
    // Eight bodies of the largest size may be held: about 160 kB.
    service = await startService({ MAX_TENSOR_MB: '0.02', MAX_QUEUE: '4', WORKERS: '1' });
    body = JSON.stringify({ instances: [rowsOf(scaled(await pixelsOf(await one())))] });
  });
  after(() => service.close());

  const post = (text: string, headers: Record<string, string> = {}) =>
    replyOf(request(service.app).post(PREDICT).set(headers).send(text));

  const beginUpload = (announced: number, sent: number): ClientRequest => {
    const { hostname, port } = new URL(service.url);
    const upload = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: PREDICT,
      agent: false,
      headers: { 'Content-Length': announced },
    });
    upload.on('error', () => undefined);
    upload.write(' '.repeat(sent));
    return upload;
  };

  const served = async (): Promise<number> => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const { status } = await post(body);
      if (status === 200) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the service did not recover');
  };

  it('are held up to a limit over all requests; when their senders leave, there is room again', async () => {
    const uploads = Array.from({ length: 7 }, () => beginUpload(20_900, 20_800));
    let refused: { status: number; code: unknown; retry: unknown } | undefined;
    while (refused === undefined) {
      const last = beginUpload(20_900, 20_800);
      uploads.push(last);
      const reply = await Promise.race([
        once(last, 'response'),
        new Promise<null>((resolve) => setTimeout(resolve, 200, null)),
      ]);
      if (reply === null) continue;
      const [{ statusCode, headers }] = reply as [{ statusCode: number; headers: Record<string, unknown> }];
      refused = { status: statusCode, code: headers['x-error-code'], retry: headers['retry-after'] };
    }
    expect(refused).to.deep.equal({ status: 503, code: 'queue_full', retry: '1' });
    expect(uploads.length).to.be.at.most(9);
    for (const upload of uploads) upload.destroy();
    expect(await served()).to.equal(200);
  });

  it('keep nobody out by what they announce alone', async () => {
    const uploads = Array.from({ length: 8 }, () => beginUpload(20_900, 1));
    expect((await post(body)).status).to.equal(200);
    for (const upload of uploads) upload.destroy();
  });

  it('are refused before they are read where the service is leaving, in the words of the protocol', async () => {
    service.lifecycle.phase = 'draining';
    try {
      for (const path of [PREDICT, '/v2/models/digits/infer']) {
        const reply = await replyOf(request(service.app).post(path).send('{"instances":'));
        expect(reply.status).to.equal(503);
        expect(reply.body).to.have.all.keys('error');
        expect(reply.headers).to.include({ 'retry-after': '1', 'x-error-code': 'draining' });
      }
      expect((await replyOf(request(service.app).get('/v2/health/ready'))).status).to.equal(503);
      expect((await replyOf(request(service.app).get('/v2/health/live'))).status).to.equal(200);
    } finally {
      service.lifecycle.phase = 'running';
    }
  });

  it('keep the deadline that the client sets', async () => {
    // Too short for anything; whether it passes before or in the queue is the machine's affair.
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => post(body, { 'X-Request-Timeout-Ms': '1' })),
    );
    for (const { status } of replies) expect(status).to.be.oneOf([200, 503, 504]);
    expect(await served()).to.equal(200);
  });

  it('are not missing among the predictions that are counted', async () => {
    const count = async (): Promise<number> => {
      const { text } = await request(service.app).get('/metrics/prometheus');
      const lines = text.match(/^[a-z_]*predictions_total\{[^\n]*\} (\d+)$/gm) ?? [];
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    const before = await count();
    expect(await served()).to.equal(200);
    const picture = (await one()).toString('base64');
    const reply = await post(JSON.stringify({ instances: [{ b64: picture }, { b64: picture }] }));
    expect(reply.status).to.equal(200);
    expect((await count()) - before).to.equal(3);
  });
});
