// Names of models that mean something to JavaScript, to the file system or to a log, wherever a client can write one.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { problemSchema } from '../../src/http/schemas/problem.js';
import { one } from '../helpers/pictures.js';
import { startService, type TestService } from '../helpers/service.js';

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '..',
  '.',
  '../digits',
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e%2fdigits',
  'digits/../../secret',
  'digits\\..\\x',
  'digits%00',
  'digits\n2026 - INFO - forged',
  '\u001b[2J',
  'x'.repeat(10_000),
];

describe('hostile names', () => {
  let root: string;
  let service: TestService;
  let png: Buffer;

  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-names-'));
    for (const folder of ['digits', '__proto__', 'constructor', 'hasOwnProperty'])
      await cp('saved_models/digits/v1', path.join(root, folder, 'v1'), { recursive: true });
    await mkdir(path.join(root, 'empty'));
    service = await startService({ MODELS_DIR: root, DEFAULT_MODEL: 'digits', WORKERS: '1' });
    png = await one();
  });
  after(async () => {
    await service.close();
    await rm(root, { recursive: true });
  });

  async function predict(query: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(png)]), 'one.png');
    const response = await fetch(`${service.url}/predict?${query}`, { method: 'POST', body: form });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('of folders become names that can be asked for, and those models are served', async () => {
    const names = service.classifier.models().map(({ info }) => info.name);
    expect(names).to.have.members(['constructor', 'digits', 'hasOwnProperty', 'proto__']);
    for (const model of names) expect((await predict(`model=${model}`)).body).to.include({ model });
  });

  it('in a request are refused as what they are, and nothing else happens', async () => {
    const served = new Set(service.classifier.models().map(({ info }) => info.name));
    for (const name of NAMES.filter((candidate) => !served.has(candidate))) {
      for (const query of [
        `model=${encodeURIComponent(name)}`,
        `model=digits&version=${encodeURIComponent(name)}`,
      ]) {
        const { status, body } = await predict(query);
        expect(status, query.slice(0, 60)).to.be.oneOf([400, 404]);
        expect(problemSchema.parse(body).detail.length, query.slice(0, 60)).to.be.below(400);
      }
    }
  });

  it('of parameters change no object of ours', async () => {
    for (const query of [
      '__proto__[polluted]=1',
      '__proto__.polluted=1',
      'constructor[prototype][polluted]=1',
    ]) {
      expect((await predict(query)).status).to.equal(200);
      expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
    }
  });
});
