import { expect } from 'chai';
import request from 'supertest';
import { keyLine, newKey } from '../../src/access/api-keys.js';
import { LocalRateStore } from '../../src/http/middleware/rate-store.js';
import { one } from '../helpers/pictures.js';
import { replyOf, type Reply } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

let png: Buffer;
before(async () => (png = await one()));

const predict = (service: TestService, headers: Record<string, string> = {}): Promise<Reply> =>
  replyOf(request(service.app).post('/predict').set(headers).attach('file', png, 'one.png'));

async function withService(
  settings: Record<string, string>,
  test: (service: TestService) => Promise<void>,
): Promise<void> {
  const service = await startService({ RATE_LIMIT: '3', RATE_LIMIT_WINDOW_MS: '60000', ...settings });
  try {
    await test(service);
  } finally {
    await service.close();
  }
}

describe('the rate limit', () => {
  it('counts predictions in headers of both drafts, then refuses by 429 with the time to wait', () =>
    withService({}, async (service) => {
      const first = await predict(service);
      expect(first.status).to.equal(200);
      expect(first.headers).to.include({ 'ratelimit-limit': '3', 'ratelimit-remaining': '2' });
      expect(first.headers['ratelimit']).to.match(/^"3-in-1min"; r=2; t=\d+$/);
      expect(first.headers['ratelimit-policy']).to.match(/^"3-in-1min"; q=3; w=60;/);
      await predict(service);
      await predict(service);
      const refusal = await predict(service);
      expect(refusal.status).to.equal(429);
      expect(refusal.body).to.deep.include({ code: 'rate_limited', retryable: true });
      expect(refusal.body).to.have.property('detail').that.includes('3 predictions in 60 s');
      expect(Number(refusal.headers['retry-after'])).to.be.within(1, 60);
      expect(refusal.headers).to.include({ 'ratelimit-remaining': '0' });
    }));

  it('never counts health, metrics or the front page', () =>
    withService({ RATE_LIMIT: '1' }, async (service) => {
      await predict(service);
      for (let at = 0; at < 5; at += 1) {
        for (const route of ['/', '/health', '/health/live', '/metrics']) {
          const { status, headers } = await replyOf(request(service.app).get(route));
          expect(status, route).to.not.equal(429);
          expect(headers, route).to.not.have.property('ratelimit-limit');
        }
      }
    }));

  it('ends with its window', () =>
    withService({ RATE_LIMIT: '1', RATE_LIMIT_WINDOW_MS: '400' }, async (service) => {
      await predict(service);
      let reply = await predict(service);
      expect(reply.status).to.equal(429);
      while (reply.status === 429) reply = await predict(service);
      expect(reply.status).to.equal(200);
    }));

  it('is each caller’s own, where keys are on; those without are counted by address', async () => {
    const [ann, bob] = [newKey(), newKey()];
    const API_KEYS = [keyLine('predict', 'ann', ann), keyLine('predict', 'bob', bob)]
      .join(',')
      .replaceAll(' ', ':');
    await withService({ API_KEYS, RATE_LIMIT: '1' }, async (service) => {
      const statusOf = async (key: string): Promise<number> =>
        (await predict(service, { 'X-API-Key': key })).status;
      expect([await statusOf(ann), await statusOf(ann)]).to.deep.equal([200, 429]);
      expect([await statusOf('guess 1'), await statusOf('guess 2')]).to.deep.equal([401, 429]);
      expect(await statusOf(bob)).to.equal(200);
    });
  });

  it('believes X-Forwarded-For only of the proxies that are named', async () => {
    const from = (service: TestService, address: string) =>
      predict(service, { 'X-Forwarded-For': address }).then(({ status }) => status);
    await withService({ RATE_LIMIT: '1' }, async (service) => {
      expect([await from(service, '1.1.1.1'), await from(service, '2.2.2.2')]).to.deep.equal([200, 429]);
    });
    await withService({ RATE_LIMIT: '1', TRUST_PROXY: '1' }, async (service) => {
      expect([await from(service, '1.1.1.1'), await from(service, '2.2.2.2')]).to.deep.equal([200, 200]);
      // What the client itself wrote in front changes nothing.
      expect(await from(service, '9.9.9.9, 1.1.1.1')).to.equal(429);
    });
  });

  it('takes a network of IPv6 for one client, and an IPv4 address in IPv6 for itself', () =>
    withService({ RATE_LIMIT: '1', TRUST_PROXY: 'loopback' }, async (service) => {
      const from = (address: string) =>
        predict(service, { 'X-Forwarded-For': address }).then(({ status }) => status);
      expect([await from('2001:db8:0:1::1'), await from('2001:db8:0:1:ffff::2')]).to.deep.equal([200, 429]);
      expect(await from('2001:db8:0:2::1')).to.equal(200);
      expect([
        await from('::ffff:1.2.3.4'),
        await from('1.2.3.4'),
        await from('::ffff:1.2.3.5'),
      ]).to.deep.equal([200, 429, 200]);
      expect([await from('fe80::1%eth0'), await from('not an address')]).to.deep.equal([200, 200]);
    }));
});

describe('counts of this process', () => {
  it('are bounded: who called longest ago starts anew', () => {
    const store = new LocalRateStore(2);
    store.increment('a');
    store.increment('b');
    store.increment('b');
    store.increment('c');
    expect(store.increment('b').totalHits).to.equal(3);
    expect(store.increment('a').totalHits).to.equal(1);
  });

  it('begin anew with each window', () => {
    let now = 1000;
    const store = new LocalRateStore(10, () => now);
    store.init({ windowMs: 500 });
    expect(store.increment('a')).to.deep.equal({ totalHits: 1, resetTime: new Date(1500) });
    now = 1499;
    expect(store.increment('a').totalHits).to.equal(2);
    now = 1500;
    expect(store.increment('a')).to.deep.equal({ totalHits: 1, resetTime: new Date(2000) });
  });
});
