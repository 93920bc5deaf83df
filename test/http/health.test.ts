import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { healthSchema, liveSchema, readySchema } from '../../src/http/schemas/health.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

describe('health', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  it('is healthy with its default model loaded, and tells of every model and its workers', async () => {
    const { body, status } = await replyOf(request(service.app).get('/health'));
    expect(status).to.equal(200);
    const health = healthSchema.strict().parse(body);
    expect(health).to.deep.include({ status: 'healthy', model_loaded: true, model_version: 'v1' });
    expect(health.models).to.have.length(1);
    expect(health.models[0]).to.deep.include({ name: 'digits', version: 'v1', status: 'ready' });
    expect(health.models[0]).to.have.nested.property('workers.threads', 2);
  });

  it('counts its uptime in seconds', async () => {
    const first = healthSchema.parse((await request(service.app).get('/health')).body);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const second = healthSchema.parse((await request(service.app).get('/health')).body);
    expect(second.uptime - first.uptime).to.be.within(0.02, 10);
  });

  it('is live and ready', async () => {
    const live = await request(service.app).get('/health/live');
    expect(live.status).to.equal(200);
    liveSchema.strict().parse(live.body);
    const ready = await request(service.app).get('/health/ready');
    expect(ready.status).to.equal(200);
    expect(readySchema.strict().parse(ready.body)).to.deep.equal({ ready: true, reason: 'ready' });
  });

  it('answers HEAD as GET without a body', async () => {
    for (const at of ['/', '/health', '/health/live', '/health/ready']) {
      const { status, text, headers } = await request(service.app).head(at);
      expect(status, at).to.equal(200);
      expect(text || '', at).to.equal('');
      expect(Number(headers['content-length']), at).to.be.above(0);
    }
  });

  for (const phase of ['leaving', 'draining'] as const) {
    it(`while ${phase} is live and healthy but not ready, and closes connections`, async () => {
      service.lifecycle.phase = phase;
      try {
        const ready = await request(service.app).get('/health/ready');
        expect(ready.status).to.equal(503);
        expect(ready.body).to.deep.equal({ ready: false, reason: 'draining' });
        expect(ready.get('Connection')).to.equal('close');
        expect((await request(service.app).get('/health/live')).status).to.equal(200);
        expect((await request(service.app).get('/health')).body).to.have.property('status', 'healthy');
      } finally {
        service.lifecycle.phase = 'running';
      }
      expect((await request(service.app).get('/health/ready')).status).to.equal(200);
    });
  }
});

describe('health without a default model', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-health-'))));
  after(() => rm(folder, { recursive: true }));

  const withService = async (models: string, test: (service: TestService) => Promise<void>) => {
    const service = await startService({ MODELS_DIR: models, DEFAULT_MODEL: 'broken' });
    try {
      await test(service);
    } finally {
      await service.close();
    }
  };

  it('is unhealthy and not ready where the default model cannot be loaded, and says why', async () => {
    const models = path.join(folder, 'one-broken');
    await mkdir(path.join(models, 'broken', 'v1'), { recursive: true });
    await writeFile(path.join(models, 'broken', 'v1', 'model.h5'), 'this is no HDF5 file');
    await cp('saved_models/digits', path.join(models, 'digits'), { recursive: true });
    await withService(models, async (service) => {
      const { body, status } = await replyOf(request(service.app).get('/health'));
      expect(status).to.equal(503);
      const health = healthSchema.strict().parse(body);
      expect(health).to.deep.include({ status: 'unhealthy', model_loaded: false });
      expect(health).not.to.have.property('model_version');
      const failed = health.models.find((model) => model.status === 'failed');
      expect(failed).to.deep.include({ name: 'broken', code: 'checkpoint_not_hdf5' });
      expect(failed?.remedy).to.have.length.above(10);

      const ready = await request(service.app).get('/health/ready');
      expect(ready.status).to.equal(503);
      expect(ready.body).to.deep.equal({ ready: false, reason: 'models are not ready' });
      expect((await request(service.app).get('/health/live')).status).to.equal(200);
      expect((await request(service.app).get('/')).body).to.deep.include({
        status: 'unhealthy',
        model_accuracy: null,
      });

      const refusal = await request(service.app).post('/predict').attach('file', Buffer.from('x'), 'x.png');
      expect(refusal.status).to.equal(503);
      expect(refusal.body).to.deep.include({ code: 'model_unavailable', retryable: true });
    });
  });
});
