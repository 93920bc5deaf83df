import { expect } from 'chai';
import request from 'supertest';
import { rootSchema } from '../../src/http/schemas/root.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

describe('GET /', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  it('tells what this is, what it offers and that it runs', async () => {
    const { body, status } = await replyOf(request(service.app).get('/'));
    expect(status).to.equal(200);
    expect(rootSchema.strict().parse(body)).to.deep.include({
      name: 'h5serve',
      default_model: 'digits',
      status: 'running',
    });
    expect(body).to.have.property('model_accuracy').that.is.above(0.98);
  });

  it('lists only endpoints that exist', async () => {
    const { endpoints } = rootSchema.parse((await request(service.app).get('/')).body);
    expect(Object.keys(endpoints)).to.include.members(['predict', 'health', 'live', 'ready']);
    for (const endpoint of Object.values(endpoints)) {
      const [method, path] = endpoint.split(' ');
      const options = await fetch(`${service.url}${path}`, { method: 'DELETE' });
      expect(options.status, endpoint).to.equal(405);
      expect(options.headers.get('allow'), endpoint).to.include(method);
    }
  });

  it('says that it drains while it does', async () => {
    service.lifecycle.phase = 'leaving';
    try {
      expect((await request(service.app).get('/')).body).to.have.property('status', 'draining');
    } finally {
      service.lifecycle.phase = 'running';
    }
  });

  it('tells nothing of the framework, and nothing that a cache could keep', async () => {
    const { headers } = await request(service.app).get('/');
    expect(headers).not.to.have.any.keys('x-powered-by', 'etag');
    expect(headers).to.have.property('cache-control', 'no-store');
  });
});

describe('request ids', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  const idOf = async (given?: string): Promise<string | undefined> => {
    const call = request(service.app).get('/health/live');
    if (given !== undefined) void call.set('X-Request-Id', given);
    return (await call).get('X-Request-Id');
  };

  it('are made where none is given, and differ', async () => {
    const [first, second] = [await idOf(), await idOf()];
    expect(first).to.match(/^[\w-]{36}$/);
    expect(first).not.to.equal(second);
  });

  it('are kept where the client gives an acceptable one', async () => {
    for (const id of ['a', 'order-17_b.c', 'x'.repeat(64)]) expect(await idOf(id)).to.equal(id);
  });

  it('are replaced where the client’s could do harm', async () => {
    for (const id of ['x'.repeat(65), 'a b', '<script>', 'a;b', '%0d%0aSet-Cookie:x']) {
      expect(await idOf(id), id).to.match(/^[\w-]{36}$/);
    }
  });

  it('are in the header and in the body of a refusal', async () => {
    const answer = await request(service.app).get('/nowhere').set('X-Request-Id', 'mine');
    expect(answer.get('X-Request-Id')).to.equal('mine');
    expect(answer.body).to.have.property('request_id', 'mine');
  });
});
