// The ImageNet service: its documented calls and fields.
import { expect } from 'chai';
import { photo, startReference, type ReferenceSystem } from '../helpers/reference-system.js';
import { IMAGENET_LABELS } from '../helpers/small-models.js';

describe('users of the ImageNet service', () => {
  let system: ReferenceSystem;
  before(async () => {
    system = await startReference({
      models: ['imagenet'],
      settings: { DEFAULT_MODEL: 'digits', TOP_K: '3' },
      pictures: { 'cat.jpg': await photo() },
    });
  });
  after(() => system.close());

  it('watch its health', async () => {
    const body = await system.curl('curl http://127.0.0.1:8000/health');
    expect(body).to.include({ Status: 'ok', model_loaded: true });
  });

  for (const field of ['image', 'file']) {
    it(`infer with the documented curl line, the field named ${field}`, async () => {
      const body = await system.curl(`curl -X POST http://127.0.0.1:8000/infer \\\n  -F "${field}=@cat.jpg"`);
      expect(body).to.have.all.keys('predictions', 'inference_time_ms');
      const { predictions, inference_time_ms } = body as {
        predictions: { label: string; probability: number }[];
        inference_time_ms: number;
      };
      expect(inference_time_ms).to.be.a('number').above(0);
      expect(predictions).to.have.length(3);
      for (const prediction of predictions) {
        expect(prediction).to.have.all.keys('label', 'probability');
        expect(IMAGENET_LABELS).to.include(prediction.label);
      }
      const probabilities = predictions.map(({ probability }) => probability);
      expect(probabilities).to.deep.equal(probabilities.toSorted((a, b) => b - a));
    });
  }

  it('tell two classes of one name apart among all probabilities', async () => {
    const body = await system.curl(
      'curl -F "image=@cat.jpg" "http://127.0.0.1:8000/predict?model=imagenet&all=true"',
    );
    expect(body).to.have.property('all_probabilities').that.includes.keys('crane', 'crane#517');
  });
});

describe('POST /infer without an imagenet model', () => {
  it('asks the default model, or the one that is named', async () => {
    const system = await startReference({
      models: ['products', 'cifar10'],
      settings: { DEFAULT_MODEL: 'products' },
      pictures: { 'cat.jpg': await photo() },
    });
    const labels = async (query: string): Promise<string> =>
      JSON.stringify(await system.curl(`curl -F "image=@cat.jpg" "http://127.0.0.1:8000/infer${query}"`));
    try {
      expect(await labels('?top_k=12')).to.include('electronics');
      expect(await labels('?model=cifar10&top_k=10')).to.include('airplane');
      expect(await labels('?model=imagenet')).to.include('unknown_model');
    } finally {
      await system.close();
    }
  });
});
