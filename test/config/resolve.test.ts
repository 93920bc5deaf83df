import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { dotEnvNotices, readDotEnv } from '../../src/config/dot-env.js';
import { loadSettings } from '../../src/config/load.js';
import { masked } from '../../src/config/masked.js';
import { resolveSettings } from '../../src/config/resolve.js';
import { refused } from '../helpers/refused.js';

describe('settings from several places', () => {
  it('a flag wins over the environment, the environment over .env, .env over the default', () => {
    const { config, sources } = resolveSettings({
      flag: { PORT: '1' },
      environment: { PORT: '2', HOST: 'a' },
      '.env': { PORT: '3', HOST: 'b', MAX_QUEUE: '4' },
    });
    expect(config).to.include({ PORT: 1, HOST: 'a', MAX_QUEUE: 4, LOG_LEVEL: 'info' });
    expect(sources).to.include({
      PORT: 'flag',
      HOST: 'environment',
      MAX_QUEUE: '.env',
      LOG_LEVEL: 'default',
    });
  });

  it('an empty text means the default, whatever comes after it', () => {
    const { config, sources } = resolveSettings({ environment: { PORT: '' }, '.env': { PORT: '9000' } });
    expect(config.PORT).to.equal(8000);
    expect(sources.PORT).to.equal('default');
  });

  it('a fault names its place, and no password', async () => {
    const error = await refused(
      () =>
        resolveSettings({
          flag: { PORT: 'abc' },
          environment: { MAX_QUEUE: '-1', REDIS_URL: 'redis:user:secret@host' },
          '.env': { LOG_LEVEL: 'loud' },
        }),
      'config_invalid',
    );
    expect(error.detail).to.match(/^PORT: .*; found "abc" in --port$/m);
    expect(error.detail).to.match(/^MAX_QUEUE: .*; found "-1" in the environment$/m);
    expect(error.detail).to.match(/^LOG_LEVEL: .*; found "loud" in \.env$/m);
    expect(error.detail)
      .to.match(/^REDIS_URL: /m)
      .and.not.include('secret');
  });

  it('a number is written as people write it, and a fault says which ones there can be', async () => {
    const number = (name: string, text: string): unknown =>
      (resolveSettings({ environment: { [name]: text } }).config as Record<string, unknown>)[name];
    expect(number('PORT', ' 9000 ')).to.equal(9000);
    expect(number('MAX_UPLOAD_MB', '.5')).to.equal(0.5);
    expect(number('MAX_UPLOAD_MB', '5e-1')).to.equal(0.5);
    expect(number('RATE_LIMIT', '1e6')).to.equal(1_000_000);
    expect(number('CACHE_MB', '0')).to.equal(0);
    const faults: readonly [name: string, text: string, says: string][] = [
      ['PORT', '70000', 'expected a whole number from 0 to 65535'],
      ['TOP_K', '0', 'expected a whole number from 1 to 1000'],
      ['TOP_K', '2.5', 'expected a whole number from 1 to 1000'],
      ['RATE_LIMIT', ' ', 'expected a whole number from 0 to 1000000000'],
      ['PORT', '0x10', 'expected a whole number from 0 to 65535'],
      ['PORT', 'Infinity', 'expected a whole number from 0 to 65535'],
      ['CACHE_MB', '-1', 'expected a number from 0 to 100000'],
      ['CACHE_MB', '\t', 'expected a number from 0 to 100000'],
      ['MAX_UPLOAD_MB', '0', 'expected a number above 0, of at most 1024'],
      ['MAX_IMAGE_MEGAPIXELS', '1e999', 'expected a number above 0, of at most 10000'],
    ];
    for (const [name, text, says] of faults) {
      const { detail } = await refused(() => number(name, text), 'config_invalid');
      expect(detail).to.equal(`${name}: ${says}; found ${JSON.stringify(text)} in the environment`);
    }
  });

  it('keys and passwords are not shown, wherever they stand', () => {
    const hash = 'a1'.repeat(32);
    const keys = `plain-key, predict:web:${hash},admin:x:too-short`;
    expect(masked('API_KEYS', keys)).to.equal('…, predict:web:a1a1a1a1…,…');
    expect(masked('API_KEYS', JSON.stringify('plain-key'))).to.equal('"…"');
    expect(masked('REDIS_URL', 'redis://u:p@h:1/0?password=secret&x=1')).to.equal(
      'redis://…@h:1/0?password=…&x=…',
    );
    expect(masked('JWT_JWKS_URL', '"https://id.example/keys?token=secret"')).to.equal(
      '"https://id.example/keys?token=…"',
    );
    expect(masked('HOST', 'a=b')).to.equal('a=b');
  });

  it('settings that need each other are named', async () => {
    const environment = { TLS_CERT: 'a.pem', LABELS_PATH: 'b.txt', JWT_JWKS_URL: 'https://id.example/keys' };
    const { detail } = await refused(() => resolveSettings({ environment }), 'config_invalid');
    expect(detail.split('\n')).to.have.members([
      'TLS_CERT: is set, and TLS_KEY is not',
      'LABELS_PATH: is set, and MODEL_PATH is not',
      'JWT_JWKS_URL: is set, and JWT_ISSUER is not',
      'JWT_JWKS_URL: is set, and JWT_AUDIENCE is not',
    ]);
  });

  it('TRUST_PROXY is a number of proxies or their networks, and never everyone', async () => {
    const trust = (text: string) =>
      resolveSettings({ environment: { TRUST_PROXY: text } }).config.TRUST_PROXY;
    expect(trust('2')).to.equal(2);
    expect(trust('loopback, 10.0.0.0/8,fd00::/8')).to.deep.equal(['loopback', '10.0.0.0/8', 'fd00::/8']);
    for (const text of ['true', '*', '10.0.0.0/33', 'proxy.example', '10.0.0', ','])
      expect((await refused(() => trust(text), 'config_invalid')).detail).to.include('TRUST_PROXY');
  });

  it('addresses have the scheme of what they lead to', async () => {
    for (const url of ['localhost:6379', 'https://redis.example', 'redis://', 'redis:host'])
      await refused(() => resolveSettings({ environment: { REDIS_URL: url } }), 'config_invalid');
    const { config } = resolveSettings({ environment: { REDIS_URL: 'rediss://:pass@redis.example:6380/1' } });
    expect(config.REDIS_URL).to.equal('rediss://:pass@redis.example:6380/1');
  });

  it('CORS_ORIGINS are origins and not addresses of pages', async () => {
    const origins = (text: string) =>
      resolveSettings({ environment: { CORS_ORIGINS: text } }).config.CORS_ORIGINS;
    expect(origins('*')).to.equal('*');
    expect(origins('https://a.example, http://localhost:3000')).to.deep.equal([
      'https://a.example',
      'http://localhost:3000',
    ]);
    for (const text of ['a.example', 'https://a.example/', 'https://a.example/app', '*,https://a.example'])
      await refused(() => origins(text), 'config_invalid');
  });
});

describe('.env', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-env-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('may begin with a byte order mark', async () => {
    await writeFile(path.join(folder, '.env'), '\uFEFFPORT=9000\n');
    expect(readDotEnv(folder)).to.deep.equal({ PORT: '9000' });
  });

  it('is read as shells write it, with quotes, comments and export', async () => {
    const text = '# ours\nPORT=9000\nexport LOG_LEVEL="warn" # quiet\nMODELS_DIR=\'/srv/my models\'\n';
    await writeFile(path.join(folder, '.env'), text);
    const { config, sources } = loadSettings({}, {}, readDotEnv(folder));
    expect(config).to.include({ PORT: 9000, LOG_LEVEL: 'warn', MODELS_DIR: '/srv/my models' });
    expect(sources.PORT).to.equal('.env');
  });

  it('need not be there', () => {
    expect(readDotEnv(folder)).to.deep.equal({});
  });

  it('is refused where it is no file of settings', async () => {
    await writeFile(path.join(folder, '.env'), Buffer.alloc(1024 * 1024 + 1, '#'));
    await refused(() => readDotEnv(folder), 'config_invalid');
    await refused(() => readDotEnv('/proc/self/environ'), 'config_invalid');
  });

  it('is searched for typing errors, and other programs’ names are left alone', () => {
    expect(
      dotEnvNotices({ PORTT: '1', RATE_LIMT: '5', H5SERVE_SPEED: 'x', DATABASE_URL: 'y', PORT: '1' }),
    ).to.deep.equal([
      '.env: PORTT is not a setting; did you mean PORT?',
      '.env: RATE_LIMT is not a setting; did you mean RATE_LIMIT?',
      '.env: H5SERVE_SPEED is not a setting; docs/configuration.md lists them',
    ]);
  });
});
