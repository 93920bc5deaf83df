import { expect } from 'chai';
import sharp from 'sharp';
import request from 'supertest';
import { predictionSchema, type Prediction } from '../../src/http/schemas/prediction.js';
import { one, zero } from '../helpers/pictures.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

const KEYS = [
  'request_id',
  'model',
  'model_version',
  'predicted_class',
  'predicted_digit',
  'confidence',
  'predictions',
  'all_probabilities',
  'inference_time_seconds',
  'inference_time_ms',
  'timings',
  'timestamp',
];

describe('POST /predict', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  const predict = async (image: Buffer, query = '', field = 'file'): Promise<Prediction> => {
    const { body, status } = await replyOf(
      request(service.app).post(`/predict${query}`).attach(field, image, 'picture.png'),
    );
    expect(status, JSON.stringify(body)).to.equal(200);
    return predictionSchema.strict().parse(body);
  };

  it('says which digit a picture shows', async () => {
    const prediction = await predict(await one());
    expect(prediction).to.deep.include({
      model: 'digits',
      model_version: 'v1',
      predicted_class: '1',
      predicted_digit: 1,
    });
    expect(prediction.confidence).to.be.above(0.8);
    expect((await predict(await zero())).predicted_digit).to.equal(0);
  });

  it('answers with its fields in the documented order', async () => {
    expect(Object.keys(await predict(await one()))).to.deep.equal(KEYS);
  });

  it('gives all probabilities, which sum to one and agree with the ranking', async () => {
    const { all_probabilities = {}, predictions, confidence } = await predict(await zero());
    expect(Object.keys(all_probabilities)).to.deep.equal(Array.from('0123456789'));
    expect(Object.values(all_probabilities).reduce((sum, p) => sum + p, 0)).to.be.closeTo(1, 1e-4);
    expect(predictions[0]?.probability).to.equal(confidence);
    for (const { label, probability } of predictions) expect(all_probabilities[label]).to.equal(probability);
  });

  it('takes the field `image` as well', async () => {
    expect((await predict(await one(), '', 'image')).predicted_digit).to.equal(1);
  });

  it('reads dark ink on white paper, larger, in colour and as JPEG, all the same', async () => {
    const paper = await sharp(await one())
      .negate()
      .resize(280, 280)
      .tint('#336699')
      .jpeg()
      .toBuffer();
    expect((await predict(paper)).predicted_digit).to.equal(1);
  });

  it('returns as many predictions as the manifest says, or as the request asks for', async () => {
    const image = await one();
    expect((await predict(image)).predictions).to.have.length(3);
    expect((await predict(image, '?top_k=1')).predictions).to.have.length(1);
    expect((await predict(image, '?top_k=1000')).predictions).to.have.length(10);
  });

  it('ignores parameters that it does not know, and takes model and version by name', async () => {
    expect((await predict(await one(), '?model=digits&version=v1&colour=red')).model_version).to.equal('v1');
  });

  it('tells the time of each stage, in the body and as Server-Timing', async () => {
    const answer = await request(service.app)
      .post('/predict')
      .set('Cache-Control', 'no-cache')
      .attach('file', await one(), 'one.png');
    const { timings, inference_time_ms, inference_time_seconds } = predictionSchema.parse(answer.body);
    const stages = timings.receive + timings.decode + timings.queue + timings.inference;
    expect(timings.total).to.be.at.least(stages - 1);
    expect(timings.inference).to.be.above(0);
    expect(inference_time_ms).to.equal(timings.inference);
    expect(inference_time_seconds).to.be.closeTo(inference_time_ms / 1000, 1e-6);
    expect(answer.get('Server-Timing')).to.equal(
      Object.entries(timings)
        .map(([stage, duration]) => `${stage};dur=${duration.toFixed(3)}`)
        .join(', '),
    );
  });

  it('gives each of a hundred simultaneous requests its own answer', async () => {
    const images = [await zero(), await one()];
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        const form = new FormData();
        form.append('file', new Blob([images[at % 2] ?? '']), 'digit.png');
        const response = await fetch(`${service.url}/predict`, { method: 'POST', body: form });
        return predictionSchema.parse(await response.json()).predicted_digit;
      }),
    );
    expect(answers).to.deep.equal(Array.from({ length: 100 }, (_, at) => at % 2));
  });
});

describe('POST /predict with TOP_K set', () => {
  it('uses it where the request does not say', async () => {
    const service = await startService({ TOP_K: '5' });
    try {
      const count = async (query: string): Promise<number> => {
        const answer = await request(service.app)
          .post(`/predict${query}`)
          .attach('file', await one(), 'one.png');
        return predictionSchema.parse(answer.body).predictions.length;
      };
      expect(await count('')).to.equal(5);
      expect(await count('?top_k=2')).to.equal(2);
    } finally {
      await service.close();
    }
  });
});
