import { expect } from 'chai';
import request from 'supertest';
import { replyOf } from '../../helpers/reply.js';
import { startService, type TestService } from '../../helpers/service.js';

describe('KServe v2: server and models', () => {
  let service: TestService;

  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  const get = (path: string) => replyOf(request(service.app).get(path));

  it('tells name, version and extensions of the server', async () => {
    const { status, body } = await get('/v2');
    expect(status).to.equal(200);
    expect(body).to.have.all.keys('name', 'version', 'extensions');
    expect(body).to.deep.include({ name: 'h5serve', extensions: ['binary_tensor_data', 'classification'] });
  });

  it('tells that the server is alive and ready', async () => {
    expect(await get('/v2/health/live')).to.deep.include({ status: 200, body: { live: true } });
    expect(await get('/v2/health/ready')).to.deep.include({ status: 200, body: { ready: true } });
  });

  for (const path of ['/v2/models/digits', '/v2/models/digits/versions/v1']) {
    it(`describes the tensors of a model at ${path}`, async () => {
      expect((await get(path)).body).to.deep.equal({
        name: 'digits',
        versions: ['v1'],
        platform: 'tensorflow_savedmodel',
        inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 28, 28, 1] }],
        outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
      });
    });

    it(`tells that a model is ready at ${path}/ready`, async () => {
      const { status, body } = await get(`${path}/ready`);
      expect(status).to.equal(200);
      expect(body).to.deep.equal({ name: 'digits', ready: true });
    });
  }

  for (const path of ['/v2/models/x', '/v2/models/x/ready', '/v2/models/digits/versions/9/ready']) {
    it(`answers 404 at ${path}`, async () => {
      const { status, body, headers } = await get(path);
      expect(status).to.equal(404);
      expect(body).to.have.all.keys('error');
      expect(headers['x-error-code']).to.equal('unknown_model');
    });
  }

  it('refuses names that are none', async () => {
    const { status, body } = await get('/v2/models/..%2f..%2fetc');
    expect(status).to.equal(400);
    expect(JSON.stringify(body)).to.include('model: expected a name');
  });
});
