// What instances share through a real Redis, and what remains when it is killed or frozen.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import type { Logger } from '../../src/contracts/logger.js';
import { SharedRedis } from '../../src/redis/shared-redis.js';
import { SharedResults } from '../../src/redis/shared-results.js';
import { one } from '../helpers/pictures.js';
import { RedisServer } from '../helpers/redis-server.js';
import { replyOf, type Reply } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 400) expect.fail('it never came');
    await sleep(20);
  }
}

describe('a shared Redis', () => {
  let server: RedisServer;
  let redis: SharedRedis;
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };

  beforeEach(async function () {
    server = await RedisServer.create(this);
    await server.start();
    redis = new SharedRedis({ url: server.url, logger });
    lines.length = 0;
    await until(() => redis.state === 'up');
  });
  afterEach(async () => {
    server.thaw();
    redis.close();
    await server.kill();
  });

  it('gives nothing while it is away, tells of it once, and comes back by itself', async () => {
    expect(await redis.attempt((connection) => connection.ping())).to.equal('PONG');
    await server.kill();
    await until(() => redis.state === 'down');
    for (let at = 0; at < 20; at += 1)
      expect(await redis.attempt((connection) => connection.ping())).to.equal(undefined);
    await server.start();
    await until(() => redis.state === 'up');
    expect(await redis.attempt((connection) => connection.ping())).to.equal('PONG');
    expect(lines).to.deep.equal([
      'Redis does not answer: limits and cached answers are this instance’s own until it does',
      'Redis answers again',
    ]);
  });

  it('is not waited for while it is frozen: after two attempts, only one in a second tries', async () => {
    server.freeze();
    let asked = 0;
    const ping = () =>
      redis.attempt((connection) => {
        asked += 1;
        return connection.ping();
      });
    for (let at = 0; at < 50; at += 1) expect(await ping()).to.equal(undefined);
    expect(asked).to.equal(2);
    expect(redis.state).to.equal('down');
    server.thaw();
    await until(async () => (await ping()) === 'PONG');
    expect(redis.state).to.equal('up');
    expect(lines).to.have.length(2);
  });

  it('is not blamed for a delay of our own', async () => {
    for (let at = 0; at < 3; at += 1) {
      const asked = redis.attempt((connection) => connection.ping());
      const begun = performance.now();
      while (performance.now() - begun < 200);
      expect(await asked).to.equal('PONG');
    }
    expect(redis.state).to.equal('up');
  });

  it('keeps answers to the bit, for a while, and believes only what can be one', async () => {
    const results = new SharedResults(redis, '1.2.3');
    const probabilities = Float32Array.of(0.25, 0, 1e-30, 0.75);
    results.set('key', probabilities);
    await until(async () => (await results.get('key', 4)) !== undefined);
    expect(await results.get('key', 4)).to.deep.equal(probabilities);
    expect(await redis.connection.ttl('h5serve:result:1.2.3:key')).to.be.within(86_000, 86_400);
    expect(await results.get('key', 5), 'of another model').to.equal(undefined);
    expect(await new SharedResults(redis, '1.2.4').get('key', 4), 'of another release').to.equal(undefined);
    await redis.connection.set('h5serve:result:1.2.3:bad', Buffer.from(Float32Array.of(NaN, 2).buffer));
    expect(await results.get('bad', 2)).to.equal(undefined);
  });
});

describe('instances behind one Redis', () => {
  let server: RedisServer;
  let instances: readonly TestService[];
  let png: Buffer;

  before(async function () {
    server = await RedisServer.create(this);
    png = await one();
  });
  beforeEach(async () => {
    await server.start();
    const settings = { REDIS_URL: server.url, RATE_LIMIT: '4' };
    instances = [await startService(settings), await startService(settings)];
    await until(async () => (await health(0))['redis'] === 'up' && (await health(1))['redis'] === 'up');
  });
  afterEach(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await server.kill();
  });

  const app = (at: number) => (instances[at] ?? expect.fail()).app;
  const health = async (at: number): Promise<Record<string, unknown>> =>
    (await request(app(at)).get('/health')).body as Record<string, unknown>;
  const predict = (at: number): Promise<Reply> =>
    replyOf(request(app(at)).post('/predict').attach('file', png, 'one.png'));

  it('count a client’s predictions together', async () => {
    const statuses = [];
    for (const at of [0, 1, 0, 1, 0, 1]) statuses.push((await predict(at)).status);
    expect(statuses).to.deep.equal([200, 200, 200, 200, 429, 429]);
  });

  it('count each by itself while Redis is away, fail nobody, and count together when it is back', async () => {
    await predict(0);
    await server.kill();
    const away = [];
    for (const at of [0, 0, 0, 0, 0, 1]) away.push((await predict(at)).status);
    expect(away).to.deep.equal([200, 200, 200, 200, 429, 200]);
    await until(async () => (await health(0))['redis'] === 'down');
    expect(await health(0)).to.include({ status: 'healthy', redis: 'down' });
    await server.start();
    await until(async () => (await health(0))['redis'] === 'up' && (await health(1))['redis'] === 'up');
    const back = [];
    for (const at of [0, 1, 0, 1, 1]) back.push((await predict(at)).status);
    expect(back).to.deep.equal([200, 200, 200, 200, 429]);
  });

  it('start without it, too', async () => {
    await server.kill();
    const late = await startService({ REDIS_URL: server.url, RATE_LIMIT: '4' });
    try {
      const { status } = await request(late.app).post('/predict').attach('file', png, 'one.png');
      expect(status).to.equal(200);
      await server.start();
      await until(async () => {
        const { body } = await replyOf(request(late.app).get('/health'));
        return (body as Record<string, unknown>)['redis'] === 'up';
      });
    } finally {
      await late.close();
    }
  });
});
