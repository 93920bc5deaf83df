import { expect } from 'chai';
import request from 'supertest';
import { driftSchema, type DriftBody } from '../../src/http/schemas/drift.js';
import { one } from '../helpers/pictures.js';
import { startService, type TestService } from '../helpers/service.js';

describe('GET /drift', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  const digits = async (): Promise<DriftBody['models'][number]> => {
    const { models } = driftSchema.strict().parse((await request(service.app).get('/drift')).body);
    const [model] = models;
    if (model === undefined) throw new Error('no model');
    return model;
  };

  it('begins without a judgement, with the reference of the test set', async () => {
    expect(await digits()).to.deep.include({
      model: 'digits',
      status: 'collecting',
      predictions: 0,
      reference: { source: 'manifest', samples: 10_000 },
    });
  });

  it('tells of drift when only ones come, and which classes have moved', async () => {
    const png = await one();
    for (let round = 0; round < 10; round += 1) {
      const call = request(service.app).post('/batch-predict');
      for (let at = 0; at < 20; at += 1) void call.attach('files', png, 'one.png');
      expect((await call).status).to.equal(200);
    }
    const model = await digits();
    expect(model).to.include({ status: 'drift', predictions: 200 });
    expect(model.classes?.psi).to.be.above(model.classes?.drift_above ?? NaN);
    expect(model.most_shifted[0]).to.include({ class: '1', share: 1 });
    const { text } = await request(service.app).get('/metrics/prometheus').buffer(true);
    expect(text).to.match(/^model_drift_psi\{model="digits",version="v1",of="classes"\} \d/m);
  });
});
