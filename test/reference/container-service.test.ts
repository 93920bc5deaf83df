// The service that takes an .h5 model from a container to Kubernetes: its documented calls.
import { expect } from 'chai';
import { photo, startReference, type ReferenceSystem } from '../helpers/reference-system.js';

describe('users of the containerised .h5 service', () => {
  let system: ReferenceSystem;
  before(async () => {
    system = await startReference({
      models: ['cifar10'],
      settings: { DEFAULT_MODEL: 'cifar10' },
      pictures: { 'image.jpg': await photo() },
    });
  });
  after(() => system.close());

  it('predict with the documented curl line', async () => {
    const body = await system.curl('curl -X POST "http://localhost:8000/predict"   -F "file=@image.jpg"');
    expect(body).to.have.property('model', 'cifar10');
    expect(body).to.have.property('predicted_class').that.is.a('string');
  });

  it('open Swagger UI and read the OpenAPI document', async () => {
    expect((await system.shell('curl http://localhost:8000/docs')).stdout).to.include('swagger-ui');
    const document = await system.curl('curl http://localhost:8000/openapi.json');
    expect(document).to.have.property('paths').that.includes.keys('/predict', '/health', '/metrics');
  });
});
