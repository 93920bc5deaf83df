// What is told of the models, also of those that could not be loaded.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { modelInfoSchema, modelListSchema, modelSchema } from '../../src/http/schemas/models.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';
import { smallModels, type ModelsFolder } from '../helpers/small-models.js';

describe('the models', () => {
  let models: ModelsFolder;
  let service: TestService;
  before(async () => {
    models = await smallModels(['cifar10']);
    await mkdir(path.join(models.folder, 'broken', 'v1'), { recursive: true });
    await writeFile(path.join(models.folder, 'broken', 'v1', 'model.h5'), 'this is no HDF5 file');
    await mkdir(path.join(models.folder, 'digits', 'v2'), { recursive: true });
    await writeFile(path.join(models.folder, 'digits', 'v2', 'model.h5'), 'nor is this');
    service = await startService({
      MODELS_DIR: models.folder,
      DEFAULT_MODEL: 'digits',
      PRECISION: 'float32',
      WORKERS: '1',
    });
  });
  after(async () => {
    await service.close();
    await models.remove();
  });

  const get = (at: string) => replyOf(request(service.app).get(at));

  it('are listed, with the reason and the remedy of those that failed', async () => {
    const { status, body } = await get('/models');
    expect(status).to.equal(200);
    const list = modelListSchema.strict().parse(body);
    expect(list.default_model).to.equal('digits');
    expect(
      list.models.map(({ model, model_version, status }) => [model, model_version, status]),
    ).to.have.deep.members([
      ['digits', 'v1', 'ready'],
      ['cifar10', 'v1', 'ready'],
      ['broken', 'v1', 'failed'],
      ['digits', 'v2', 'failed'],
    ]);
    expect(list.models.filter((model) => model.status === 'ready' && model.default)).to.have.length(1);
    const failed = list.models.find(({ model }) => model === 'broken');
    expect(failed).to.include({ code: 'checkpoint_not_hdf5' });
    expect(failed).to.have.property('remedy').that.is.a('string').with.length.above(10);
  });

  it('are told of one by one, with all versions', async () => {
    const digits = modelSchema.strict().parse((await get('/models/digits')).body);
    expect(digits.serving_version).to.equal('v1');
    expect(digits.versions.map(({ model_version, status }) => [model_version, status])).to.deep.equal([
      ['v1', 'ready'],
      ['v2', 'failed'],
    ]);
    expect(modelSchema.parse((await get('/models/broken')).body).serving_version).to.equal(null);
  });

  it('are told of by version', async () => {
    expect((await get('/models/cifar10/versions/v1')).body).to.deep.include({
      model: 'cifar10',
      input_shape: '(None, 8, 8, 3)',
      output_shape: '(None, 10)',
      default: false,
    });
    expect((await get('/models/digits/versions/v2')).body).to.include({
      status: 'failed',
      code: 'checkpoint_not_hdf5',
    });
  });

  it('are told of in full at /model_info, the default or another', async () => {
    const digits = modelInfoSchema.strict().parse((await get('/model_info')).body);
    expect(digits).to.deep.include({
      model: 'digits',
      default: true,
      precision: 'float32',
      top_k: 3,
      notices: [],
      labels: Array.from('0123456789'),
    });
    expect(digits.source_hash).to.match(/^[0-9a-f]{64}$/);
    expect(digits.keras_version).to.match(/^\d+\.\d+/);
    expect(digits.input).to.deep.equal({
      height: 28,
      width: 28,
      channels: 1,
      scale: '0..1',
      fit: 'fill',
      kernel: 'bilinear',
      invert: 'auto',
      background: 255,
    });
    expect((await get('/model_info?model=cifar10&version=v1')).body).to.include({ model: 'cifar10' });
  });

  const refused: { at: string; status: number; code: string }[] = [
    { at: '/models/nobody', status: 404, code: 'unknown_model' },
    { at: '/models/digits/versions/v9', status: 404, code: 'unknown_model' },
    { at: '/model_info?model=nobody', status: 404, code: 'unknown_model' },
    { at: '/model_info?model=broken', status: 503, code: 'model_unavailable' },
    { at: '/models/..%2f..%2fetc', status: 400, code: 'invalid_parameter' },
    { at: '/models/__proto__', status: 400, code: 'invalid_parameter' },
    { at: '/models/constructor', status: 404, code: 'unknown_model' },
  ];
  for (const { at, status, code } of refused) {
    it(`refuse ${at} with ${code}`, async () => {
      const reply = await get(at);
      expect(reply.status).to.equal(status);
      expect(reply.body).to.include({ code });
    });
  }

  it('/infer and /classify/image tell that their model failed, rather than ask another', async () => {
    const own = await smallModels([]);
    await mkdir(path.join(own.folder, 'imagenet', 'v1'), { recursive: true });
    await writeFile(path.join(own.folder, 'imagenet', 'v1', 'model.h5'), 'no model');
    const other = await startService({ MODELS_DIR: own.folder, DEFAULT_MODEL: 'digits', WORKERS: '1' });
    try {
      const { status, body } = await replyOf(
        request(other.app).post('/infer').attach('file', Buffer.from('x'), 'x'),
      );
      expect(status).to.equal(503);
      expect(body).to.include({ code: 'model_unavailable' });
    } finally {
      await other.close();
      await own.remove();
    }
  });
});
