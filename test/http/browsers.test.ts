// What browsers are told: security headers and CORS.
import { expect } from 'chai';
import request from 'supertest';
import { replyOf } from '../helpers/reply.js';
import { keyLine, newKey } from '../../src/access/api-keys.js';
import { startService, type TestService } from '../helpers/service.js';

const PAGE = 'https://app.example';

describe('security headers', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  it('let an answer for programs be no page, no frame and no other type', async () => {
    for (const route of ['/', '/health', '/nowhere']) {
      const { headers } = await replyOf(request(service.app).get(route));
      expect(headers, route).to.include({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers, 'HTTP cannot promise HTTPS').to.not.have.property('strict-transport-security');
    }
  });

  it('let pages load what they bring themselves, and nothing be forced to HTTPS that has none', async () => {
    const { headers } = await replyOf(request(service.app).get('/docs/'));
    expect(headers['content-security-policy']).to.include("default-src 'self'").and.include('img-src');
    expect(headers['content-security-policy']).to.not.include('upgrade-insecure-requests');
    expect(headers).to.not.have.property('strict-transport-security');
  });

  it('allow no other origin until one is named', async () => {
    const { headers } = await replyOf(request(service.app).get('/').set('Origin', PAGE));
    expect(headers).to.not.have.property('access-control-allow-origin');
    const preflight = request(service.app).options('/predict').set('Origin', PAGE);
    expect((await preflight.set('Access-Control-Request-Method', 'POST')).status).to.equal(405);
  });
});

describe('CORS', () => {
  let service: TestService;
  before(async () => {
    const API_KEYS = keyLine('predict', 'web', newKey()).replaceAll(' ', ':');
    service = await startService({ CORS_ORIGINS: `${PAGE}, http://localhost:3000`, API_KEYS });
  });
  after(() => service.close());

  it('answers preflights of the origins named, without a key', async () => {
    const { status, headers } = await replyOf(
      request(service.app).options('/predict').set({
        Origin: PAGE,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'x-api-key',
      }),
    );
    expect(status).to.equal(204);
    expect(headers).to.include({
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': 'x-api-key',
      'access-control-max-age': '600',
    });
    expect(headers['access-control-allow-methods']).to.include('POST');
    expect(headers['vary']).to.include('Origin');
  });

  it('lets the page read answers and refusals with their headers', async () => {
    for (const call of [request(service.app).get('/health'), request(service.app).post('/predict')]) {
      const { headers } = await replyOf(call.set('Origin', PAGE));
      expect(headers).to.include({ 'access-control-allow-origin': PAGE });
      for (const name of ['X-Request-Id', 'Server-Timing', 'Retry-After', 'RateLimit', 'X-Cache'])
        expect(headers['access-control-expose-headers']).to.include(name);
    }
  });

  it('allows no other origin, and none that begins alike', async () => {
    for (const origin of ['https://app.example.evil', 'http://app.example', 'https://evil.example', 'null']) {
      const { headers } = await replyOf(request(service.app).get('/health').set('Origin', origin));
      expect(headers, origin).to.not.have.property('access-control-allow-origin');
    }
  });

  it('still refuses OPTIONS that are no preflight', async () => {
    expect((await request(service.app).options('/health')).status).to.equal(405);
  });
});
