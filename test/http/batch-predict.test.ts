// Several pictures in one request: each its own fate.
import { expect } from 'chai';
import sharp from 'sharp';
import request, { type Test } from 'supertest';
import { batchSchema, type BatchPrediction } from '../../src/http/schemas/batch.js';
import { problemSchema } from '../../src/http/schemas/problem.js';
import { one, zero } from '../helpers/pictures.js';
import { replyOf, type Reply } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

const KB = 1024;

describe('POST /batch-predict', () => {
  let service: TestService;
  let zeroPng: Buffer;
  let onePng: Buffer;
  before(async () => {
    service = await startService({ MAX_UPLOAD_MB: '0.1' });
    [zeroPng, onePng] = [await zero(), await one()];
  });
  after(() => service.close());

  const post = (query = ''): Test => request(service.app).post(`/batch-predict${query}`);

  const send = (pictures: readonly Buffer[], field = 'files', query = ''): PromiseLike<Reply> =>
    replyOf(
      pictures.reduce((call, picture, at) => call.attach(field, picture, `picture-${at}.png`), post(query)),
    );

  const predicted = (reply: Reply): BatchPrediction => {
    expect(reply.status, JSON.stringify(reply.body)).to.equal(200);
    return batchSchema.strict().parse(reply.body);
  };

  const digits = ({ results }: BatchPrediction): unknown[] =>
    results.map((result) => (result.success ? result.predicted_digit : result.error.code));

  it('answers in the order of the upload, with names', async () => {
    const batch = predicted(await send([onePng, zeroPng, zeroPng, onePng]));
    expect(digits(batch)).to.deep.equal([1, 0, 0, 1]);
    expect(batch).to.include({ model: 'digits', model_version: 'v1', count: 4, succeeded: 4, failed: 0 });
    expect(batch.results.map(({ index, filename }) => [index, filename])).to.deep.equal(
      [0, 1, 2, 3].map((at) => [at, `picture-${at}.png`]),
    );
  });

  it('takes 20 pictures, and answers each by itself', async () => {
    const pictures = Array.from({ length: 20 }, (_, at) => (at % 3 === 0 ? onePng : zeroPng));
    expect(digits(predicted(await send(pictures)))).to.deep.equal(
      pictures.map((picture) => (picture === onePng ? 1 : 0)),
    );
  });

  it('decodes none of which the time is over already', async () => {
    const large = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const reply = await Array.from({ length: 20 }).reduce<Test>(
      (call, _, at) => call.attach('files', large, `${at}.png`),
      post().set('X-Request-Timeout-Ms', '5'),
    );
    const { results } = batchSchema.parse(reply.body);
    const details = results.map((result) => (result.success ? '' : result.error.detail));
    expect(
      details.filter((detail) => detail === 'the time was over before it was decoded'),
    ).to.have.length.above(10);
  });

  for (const field of ['files', 'file', 'images', 'image', 'files[]', 'images[]']) {
    it(`takes the field ${field}`, async () => {
      expect(digits(predicted(await send([onePng, zeroPng], field)))).to.deep.equal([1, 0]);
    });
  }

  it('keeps the order over different fields', async () => {
    const call = post()
      .attach('image', zeroPng, 'a')
      .attach('files', onePng, 'b')
      .attach('file', zeroPng, 'c');
    expect(digits(predicted(await replyOf(call)))).to.deep.equal([0, 1, 0]);
  });

  it('takes base64 and data URLs in JSON', async () => {
    const images = [`data:image/png;base64,${onePng.toString('base64')}`, zeroPng.toString('base64')];
    const batch = predicted(await replyOf(post().send({ images })));
    expect(digits(batch)).to.deep.equal([1, 0]);
    expect(batch.results[0]?.filename).to.equal(null);
  });

  it('takes top_k, all, model and version', async () => {
    const { results } = predicted(
      await send([onePng, zeroPng], 'files', '?top_k=2&all=true&model=digits&version=v1'),
    );
    for (const result of results)
      expect(result).to.have.property('predictions').that.is.an('array').with.length(2);
    expect((await send([onePng, zeroPng], 'files', '?model=nobody')).body).to.include({
      code: 'unknown_model',
    });
  });

  it('tells of each bad picture alone, by what is wrong with it', async () => {
    const batch = predicted(
      await send([
        onePng,
        Buffer.from('hello there'),
        Buffer.alloc(0),
        zeroPng.subarray(0, 60),
        Buffer.alloc(200 * KB, 1),
        zeroPng,
      ]),
    );
    expect(digits(batch)).to.deep.equal([
      1,
      'unsupported_media',
      'empty_file',
      'undecodable_image',
      'file_too_large',
      0,
    ]);
    expect(batch).to.include({ succeeded: 2, failed: 4 });
  });

  it('tells of bad base64 alone as well', async () => {
    const images = [onePng.toString('base64'), '%%%', 7, zeroPng.toString('base64')];
    const batch = predicted(await replyOf(post().send({ images })));
    expect(digits(batch)).to.deep.equal([1, 'malformed_json', 'malformed_json', 0]);
  });

  it('fails as a whole where every picture failed, with the highest of their statuses', async () => {
    const { status, body } = await send([Buffer.from('hello'), zeroPng.subarray(0, 60)]);
    expect(status).to.equal(422);
    expect(digits(batchSchema.strict().parse(body))).to.deep.equal([
      'unsupported_media',
      'undecodable_image',
    ]);
  });

  const refusals: { what: string; count: number; code: string; remedy: RegExp }[] = [
    { what: 'one picture', count: 1, code: 'too_few_files', remedy: /at least 2.*POST \/predict/ },
    { what: '21 pictures', count: 21, code: 'too_many_files', remedy: /at most 20/ },
  ];
  for (const { what, count, code, remedy } of refusals) {
    it(`refuses ${what}, sent as a form or as JSON`, async () => {
      const images = Array.from({ length: count }, () => onePng.toString('base64'));
      for (const reply of [
        await send(Array.from({ length: count }, () => onePng)),
        await replyOf(post().send({ images })),
      ]) {
        expect(reply.status).to.equal(400);
        const problem = problemSchema.parse(reply.body);
        expect(problem.code).to.equal(code);
        expect(problem.remedy).to.match(remedy);
      }
    });
  }

  it('refuses a raw picture as one, a form of none, and a field of another name', async () => {
    const codeOf = async (call: Test): Promise<unknown> => problemSchema.parse((await call).body).code;
    expect(await codeOf(post().type('image/png').send(onePng))).to.equal('too_few_files');
    expect(await codeOf(post().field('note', 'nothing'))).to.equal('no_image');
    expect(await codeOf(post().attach('photos', onePng, 'a').attach('photos', onePng, 'b'))).to.equal(
      'unexpected_field',
    );
  });

  it('tells the stages of the slowest picture', async () => {
    const call = await post().attach('files', onePng, 'a').attach('files', zeroPng, 'b');
    const { timings, results } = batchSchema.parse(call.body);
    const inference = results.map((result) => (result.success ? result.timings.inference : NaN));
    expect(timings.inference).to.equal(Math.max(...inference));
    expect(call.get('Server-Timing')).to.include(`inference;dur=${timings.inference.toFixed(3)}`);
  });
});

describe('POST /batch-predict under load', () => {
  it('is refused with Retry-After before its body is read where nothing may wait', async () => {
    const service = await startService({ MAX_QUEUE: '1' });
    try {
      const reply = await replyOf(
        request(service.app)
          .post('/batch-predict')
          .attach('files', await one(), 'a')
          .attach('files', await one(), 'b'),
      );
      expect([413, 503]).to.include(reply.status);
      expect(problemSchema.parse(reply.body).code).to.be.oneOf(['queue_full', 'too_many_images']);
    } finally {
      await service.close();
    }
  });
});
