// Who may what: API keys and tokens over HTTP.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import request from 'supertest';
import { keyLine, newKey } from '../../src/access/api-keys.js';
import { one } from '../helpers/pictures.js';
import { replyOf, type Reply } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

let png: Buffer;
before(async () => (png = await one()));

const predict = (service: TestService, headers: Record<string, string> = {}): Promise<Reply> =>
  replyOf(request(service.app).post('/predict').set(headers).attach('file', png, 'one.png'));

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('API keys', () => {
  let folder: string;
  let service: TestService;
  const [web, ops, next] = [newKey(), newKey(), newKey()];
  const file = () => path.join(folder, 'keys.txt');

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-keys-'));
    await writeFile(file(), `# who calls\n${keyLine('predict', 'web', web)}\n`);
    const API_KEYS = keyLine('admin', 'ops', ops).replaceAll(' ', ':');
    service = await startService({ API_KEYS_FILE: file(), API_KEYS, METRICS_ACCESS: 'admin' });
  });
  after(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });

  it('let a prediction in, as bearer or as X-API-Key, of either role', async () => {
    expect((await predict(service, bearer(web))).status).to.equal(200);
    expect((await predict(service, { 'X-API-Key': web })).status).to.equal(200);
    expect((await predict(service, bearer(ops))).status).to.equal(200);
  });

  it('refuse one without a key by 401, and say how to bring one', async () => {
    const { status, headers, body } = await predict(service);
    expect(status).to.equal(401);
    expect(headers['www-authenticate']).to.equal('Bearer realm="h5serve"');
    expect(body).to.deep.include({ code: 'unauthorized', retryable: false });
  });

  it('refuse a key that is not theirs, whatever it looks like', async () => {
    const wrong = [
      'x',
      newKey(),
      web.slice(0, -1),
      `${web}x`,
      keyLine('predict', 'web', web).split(' ')[2] ?? '',
    ];
    for (const key of [...wrong, 'a.b.c', '__proto__', 'é'.repeat(20), 'x'.repeat(8000)]) {
      const { status, headers } = await predict(service, { 'X-API-Key': encodeURIComponent(key) });
      expect(status, key.slice(0, 20)).to.equal(401);
      expect(headers['www-authenticate']).to.include('error="invalid_token"');
    }
    expect((await predict(service, { Authorization: `Basic ${web}` })).status).to.equal(401);
  });

  it('leave probes and the front page open, and close all else', async () => {
    for (const open of ['/', '//', '/health', '/health/live/', '/health/ready', '/OpenAPI.json/'])
      expect((await request(service.app).get(open)).status, open).to.equal(200);
    for (const closed of ['/model_info', '/models', '/nowhere', '/Predict', '/health2', '///', '/docs2'])
      expect((await request(service.app).get(closed)).status, closed).to.equal(401);
  });

  it('ask for the role that a path needs, in whichever case it is written', async () => {
    for (const route of ['/metrics', '/METRICS/', '/admin/models', '/Admin/x', '/v2/repository/index']) {
      expect((await request(service.app).get(route)).status, route).to.equal(401);
      const known = await request(service.app).get(route).set(bearer(web));
      expect(known.status, route).to.equal(403);
      expect(known.headers).to.include({ 'x-error-code': 'forbidden' });
      const admin = await request(service.app).get(route).set(bearer(ops));
      expect(admin.status, route).to.not.be.oneOf([401, 403]);
    }
  });

  it('are replaced while the server runs; a broken file changes nothing', async () => {
    const eventually = async (key: string, status: number): Promise<void> => {
      for (let tries = 0; (await predict(service, bearer(key))).status !== status; tries += 1) {
        if (tries > 150) expect.fail(`never ${status}`);
        await sleep(50);
      }
    };
    await writeFile(file(), `${keyLine('predict', 'web', web)}\n${keyLine('predict', 'web', next)}\n`);
    await eventually(next, 200);
    await writeFile(file(), 'predict web no-hash\n');
    await sleep(2500);
    expect((await predict(service, bearer(next))).status).to.equal(200);
    await writeFile(file(), `${keyLine('predict', 'web', next)}\n`);
    await eventually(web, 401);
    expect((await predict(service, bearer(next))).status).to.equal(200);
  });
});

describe('tokens', () => {
  const ISSUER = 'https://id.example/';
  let issuer: Server;
  let answersKeys = true;
  let jwk: JWK;
  let privateKey: CryptoKey;
  let url: string;
  let service: TestService;

  const start = (): Promise<TestService> =>
    startService({
      JWT_JWKS_URL: url,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: 'h5serve',
      JWT_ROLE_CLAIM: 'realm_access.roles',
      METRICS_ACCESS: 'admin',
    });

  before(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' };
    issuer = createServer((_req, res) => {
      if (answersKeys) res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
      else res.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
    service = await start();
  });
  after(async () => {
    await service.close();
    issuer.close();
  });

  interface Claims {
    readonly roles?: unknown;
    readonly issuer?: string;
    readonly audience?: string;
    readonly expires?: string | null;
    readonly key?: CryptoKey | Uint8Array;
    readonly alg?: string;
  }

  function token({
    roles = ['predict'],
    issuer = ISSUER,
    audience = 'h5serve',
    expires = '5m',
    key,
    alg = 'ES256',
  }: Claims = {}) {
    const jwt = new SignJWT({ realm_access: { roles } })
      .setProtectedHeader({ alg, kid: 'k1' })
      .setSubject('robot')
      .setIssuer(issuer)
      .setAudience(audience);
    if (expires !== null) jwt.setExpirationTime(expires);
    return jwt.sign(key ?? privateKey);
  }

  it('of the issuer let a prediction in, by the role in their claim', async () => {
    expect((await predict(service, bearer(await token()))).status).to.equal(200);
    const metrics = (claims: Claims) =>
      token(claims).then((text) => request(service.app).get('/metrics').set(bearer(text)));
    expect((await metrics({})).status).to.equal(403);
    expect((await metrics({ roles: ['predict', 'admin'] })).status).to.not.be.oneOf([401, 403]);
    const none = await predict(service, bearer(await token({ roles: ['reader'] })));
    expect(none.status).to.equal(403);
    expect(none.body).to.have.property('detail').that.includes('no role');
  });

  it('are refused when expired, without end, for another service, of another issuer or signer', async () => {
    const { privateKey: foreign } = await generateKeyPair('ES256');
    const secret = new TextEncoder().encode(JSON.stringify(jwk));
    const cases: Record<string, Claims> = {
      expired: { expires: '-5m' },
      endless: { expires: null },
      audience: { audience: 'other' },
      issuer: { issuer: 'https://evil.example/' },
      signer: { key: foreign },
      'shared secret': { key: secret, alg: 'HS256' },
    };
    for (const [name, claims] of Object.entries(cases)) {
      const { status, body } = await predict(service, bearer(await token(claims)));
      expect(status, name).to.equal(401);
      expect(body, name).to.have.property('code', 'unauthorized');
    }
    const [, payload] = (await token()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.x`;
    expect((await predict(service, bearer(none))).status).to.equal(401);
  });

  it('may name who they are for by a number, or not at all', async () => {
    for (const subject of [5, 5.5, null, ['robot'], undefined]) {
      const claims: JWTPayload = { realm_access: { roles: ['predict'] } };
      if (subject !== undefined) Object.assign(claims, { sub: subject });
      const text = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('h5serve')
        .setExpirationTime('5m')
        .sign(privateKey);
      expect((await predict(service, bearer(text))).status, String(subject)).to.equal(200);
    }
  });

  it('are not looked at where nobody needs one: the issuer may not answer', async () => {
    let asked = 0;
    const silent = createServer(() => (asked += 1)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const other = await startService({
      JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: 'h5serve',
    });
    try {
      const text = await token();
      for (const open of ['/', '/health', '/health/live', '/metrics', '/openapi.json'])
        expect((await request(other.app).get(open).set(bearer(text))).status, open).to.equal(200);
      expect(asked).to.equal(0);
      expect((await predict(other, bearer(text))).status).to.equal(503);
      expect(asked).to.equal(1);
    } finally {
      silent.closeAllConnections();
      silent.close();
      await other.close();
    }
  });

  it('cannot be checked while the issuer’s keys are out of reach: 503, and again when they are there', async () => {
    answersKeys = false;
    const other = await start();
    try {
      const refusal = await predict(other, bearer(await token()));
      expect(refusal.status).to.equal(503);
      expect(refusal.body).to.include({ code: 'credentials_unchecked', retryable: true });
      expect(refusal.headers['retry-after']).to.equal('1');
      answersKeys = true;
      await sleep(1100);
      expect((await predict(other, bearer(await token()))).status).to.equal(200);
    } finally {
      answersKeys = true;
      await other.close();
    }
  });
});
