import { expect } from 'chai';
import request from 'supertest';
import { problemSchema } from '../../src/http/schemas/problem.js';
import { predictionSchema, type Prediction } from '../../src/http/schemas/prediction.js';
import { one, zero } from '../helpers/pictures.js';
import { replyOf, type Reply } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

/** All but what is different by nature. */
function result(reply: Reply): Partial<Prediction> {
  const { request_id, timestamp, timings, inference_time_ms, inference_time_seconds, ...same } =
    predictionSchema.parse(reply.body);
  expect([request_id, timestamp, timings, inference_time_ms, inference_time_seconds]).to.have.length(5);
  return same;
}

describe('answers to pictures seen before', () => {
  let service: TestService;
  const predict = async (picture: Buffer, headers: Record<string, string> = {}, query = ''): Promise<Reply> =>
    replyOf(request(service.app).post(`/predict${query}`).set(headers).attach('file', picture, 'x.png'));

  before(async () => (service = await startService({ CACHE_MB: '1' })));
  after(() => service.close());

  it('are the same as the first one, and say where they come from', async () => {
    const picture = await one();
    const first = await predict(picture);
    const second = await predict(picture);
    expect([first.headers['x-cache'], second.headers['x-cache']]).to.deep.equal(['MISS', 'HIT']);
    expect(result(second)).to.deep.equal(result(first));
    const { timings } = predictionSchema.parse(second.body);
    expect(timings).to.include({ decode: 0, queue: 0, inference: 0 });
    expect(second.headers['server-timing']).to.include('inference;dur=0.000');
    const more = predictionSchema.parse((await predict(picture, {}, '?top_k=7')).body);
    expect(more.predictions).to.have.length(7);
  });

  it('are made anew for who asks for it', async () => {
    const picture = await zero();
    await predict(picture);
    for (const control of ['no-cache', 'max-age=0, no-cache', 'no-store'])
      expect((await predict(picture, { 'Cache-Control': control })).headers['x-cache']).to.equal('BYPASS');
    expect((await predict(picture)).headers['x-cache']).to.equal('HIT');
  });

  it('are not there for pictures that are refused', async () => {
    for (let at = 0; at < 2; at += 1) {
      const reply = await predict(Buffer.from('no picture'));
      expect(problemSchema.parse(reply.body).code).to.equal('unsupported_media');
      expect(reply.headers).to.not.have.property('x-cache');
    }
  });

  it('are off with CACHE_MB=0', async () => {
    const off = await startService({ CACHE_MB: '0' });
    try {
      for (let at = 0; at < 2; at += 1) {
        const reply = await request(off.app)
          .post('/predict')
          .attach('file', await one(), 'x.png');
        expect(reply.get('X-Cache')).to.equal('BYPASS');
      }
    } finally {
      await off.close();
    }
  });
});
