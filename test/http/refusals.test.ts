// Everything that can be wrong with a request, the refusal it gets, and that the server serves on.
import { expect } from 'chai';
import sharp from 'sharp';
import request, { type Response, type Test } from 'supertest';
import { CATALOGUE, type ErrorCode } from '../../src/errors/catalogue.js';
import { problemSchema, type Problem } from '../../src/http/schemas/problem.js';
import { one } from '../helpers/pictures.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

const MB = 1024 * 1024;

/** A multipart body written by hand, for what no client library would send. */
const raw = (...lines: string[]): string => lines.join('\r\n');
const EMPTY_INPUT = 'Content-Disposition: form-data; name="file"; filename=""';
const PART = 'Content-Disposition: form-data; name="file"; filename="x.png"';

describe('refusals of POST /predict', () => {
  let service: TestService;
  let png: Buffer;
  before(async () => {
    service = await startService();
    png = await one();
  });
  after(() => service.close());

  const post = (query = ''): Test => request(service.app).post(`/predict${query}`);
  const multipart = (body: string, type = 'multipart/form-data; boundary=b'): Test =>
    post().set('Content-Type', type).send(body);

  afterEach('the server serves on', async () => {
    expect((await post().attach('file', png, 'one.png')).status).to.equal(200);
  });

  const cases: {
    what: string;
    send: () => PromiseLike<Response>;
    code: ErrorCode;
    detail: RegExp;
    remedy?: RegExp;
  }[] = [
    {
      what: 'no body and no content type',
      send: () => post(),
      code: 'no_image',
      detail: /multipart\/form-data.*no Content-Type/,
    },
    {
      what: 'a form of a web page without files',
      send: () => post().type('form').send({ image: 'abc' }),
      code: 'no_image',
      detail: /"application\/x-www-form-urlencoded"/,
    },
    {
      what: 'a form without any part',
      send: () => multipart('--b--\r\n'),
      code: 'no_image',
      detail: /no file/,
    },
    {
      what: 'a form with text only',
      send: () => post().field('note', 'hello'),
      code: 'no_image',
      detail: /no file/,
    },
    {
      what: 'a file name instead of a file (curl -F file=x.png)',
      send: () => post().field('file', 'x.png'),
      code: 'no_image',
      detail: /`file` holds text/,
      remedy: /@/,
    },
    {
      what: 'the bytes of an image as text',
      send: () => post().field('image', 'x'.repeat(5000)),
      code: 'no_image',
      detail: /"image" holds text.*filename/,
    },
    {
      what: 'a file input left empty, as browsers send it',
      send: () =>
        multipart(raw('--b', EMPTY_INPUT, 'Content-Type: application/octet-stream', '', '', '--b--', '')),
      code: 'no_image',
      detail: /no file/,
    },
    {
      what: 'an empty file',
      send: () => post().attach('file', Buffer.alloc(0), 'x.png'),
      code: 'empty_file',
      detail: /`file`.*0 bytes/,
    },
    {
      what: 'two files in one field',
      send: () => post().attach('file', png, 'a.png').attach('file', png, 'b.png'),
      code: 'too_many_files',
      detail: /more than one/,
    },
    {
      what: 'a file in both fields',
      send: () => post().attach('file', png, 'a.png').attach('image', png, 'b.png'),
      code: 'too_many_files',
      detail: /more than one/,
    },
    {
      what: 'a wrong field name',
      send: () => post().attach('photo', png, 'a.png'),
      code: 'unexpected_field',
      detail: /"photo"/,
    },
    {
      what: 'a multipart type without boundary',
      send: () => multipart('hello', 'multipart/form-data'),
      code: 'malformed_upload',
      detail: /[Bb]oundary/,
    },
    {
      what: 'a body that ends in the middle of a part',
      send: () => multipart(raw('--b', PART, '', 'abc')),
      code: 'malformed_upload',
      detail: /end/,
    },
    {
      what: 'a part with a malformed header',
      send: () => multipart(raw('--b', 'no colon here', '', 'abc', '--b--', '')),
      code: 'malformed_upload',
      detail: /header/,
    },
    {
      what: 'a part without a name',
      send: () =>
        multipart(raw('--b', 'Content-Disposition: form-data; filename="x.png"', '', 'abc', '--b--', '')),
      code: 'malformed_upload',
      detail: /name/,
    },
    {
      what: 'a text field that is too long',
      send: () => post().field('note', 'x'.repeat(5000)).attach('file', png, 'a.png'),
      code: 'malformed_upload',
      detail: /"note".*too long/,
    },
    {
      what: 'too many text fields',
      send: () =>
        Array.from({ length: 9 }, (_, at) => at)
          .reduce((call, at) => call.field(`f${at}`, 'x'), post())
          .attach('file', png, 'a'),
      code: 'malformed_upload',
      detail: /[Tt]oo many/,
    },
    {
      what: 'a field name that builds an object',
      send: () => post().field('a[b][c]', 'x').attach('file', png, 'a.png'),
      code: 'malformed_upload',
      detail: /nesting/,
    },
    {
      what: 'a field name of a kilobyte',
      send: () => post().field('n'.repeat(1000), 'x').attach('file', png, 'a.png'),
      code: 'malformed_upload',
      detail: /name too long/,
    },
    {
      what: 'a file of 11 MB',
      send: () => post().attach('file', Buffer.alloc(11 * MB), 'x.png'),
      code: 'file_too_large',
      detail: /10 MB.*announces 11 MB/,
    },
    {
      what: 'a file one byte over the limit',
      send: () => post().attach('file', Buffer.alloc(10 * MB + 1), 'x.png'),
      code: 'file_too_large',
      detail: /10 MB/,
    },
    {
      what: 'a text file named .png',
      send: () =>
        post().attach('file', Buffer.from('I am no picture'), {
          filename: 'x.png',
          contentType: 'image/png',
        }),
      code: 'unsupported_media',
      detail: /plain text/,
    },
    {
      what: 'a web page',
      send: () => post().attach('file', Buffer.from('<!doctype html><html></html>'), 'x.jpg'),
      code: 'unsupported_media',
      detail: /HTML/,
    },
    {
      what: 'an SVG',
      send: () => post().attach('file', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'x.svg'),
      code: 'unsupported_media',
      detail: /SVG/,
    },
    {
      what: 'a PDF',
      send: () => post().attach('file', Buffer.from('%PDF-1.7'), 'x.pdf'),
      code: 'unsupported_media',
      detail: /PDF/,
    },
    {
      what: 'random bytes',
      send: () => post().attach('file', Buffer.from([1, 2, 3, 4, 250]), 'x.png'),
      code: 'unsupported_media',
      detail: /01 02 03 04 fa/,
    },
    {
      what: 'a truncated PNG',
      send: () => post().attach('file', png.subarray(0, png.length / 2), 'x.png'),
      code: 'undecodable_image',
      detail: /PNG/,
    },
    {
      what: 'a truncated JPEG',
      send: async () => {
        const jpeg = await sharp(png).resize(300, 300).jpeg().toBuffer();
        return post().attach('file', jpeg.subarray(0, 1500), 'x.jpg');
      },
      code: 'undecodable_image',
      detail: /JPEG/,
    },
    {
      what: 'a small file of 64 million pixels',
      send: async () => {
        const bomb = sharp({ create: { width: 8000, height: 8000, channels: 3, background: 'white' } });
        return post().attach('file', await bomb.png({ palette: true }).toBuffer(), 'x.png');
      },
      code: 'image_too_large',
      detail: /8000 x 8000.*64\.0 megapixels.*50/,
    },
    {
      what: 'an unknown model',
      send: () => post('?model=cats').attach('file', png, 'x.png'),
      code: 'unknown_model',
      detail: /cats/,
    },
    {
      what: 'an unknown version',
      send: () => post('?version=v99').attach('file', png, 'x.png'),
      code: 'unknown_model',
      detail: /v99/,
    },
  ];

  for (const [parameter, values] of Object.entries({
    top_k: ['0', '-1', '1001', '1.5', '1e2', 'three', '', ' 3', '0x3', '99999999999999999999'],
    model: ['../digits', '.hidden', 'a b', '', 'x'.repeat(65)],
    version: ['../../etc', '/', '%00'],
    all: ['yes', '1', ''],
  })) {
    for (const value of values) {
      cases.push({
        what: `${parameter}=${JSON.stringify(value)}`,
        send: () => post(`?${parameter}=${encodeURIComponent(value)}`).attach('file', png, 'x.png'),
        code: 'invalid_parameter',
        detail: new RegExp(`^${parameter}: expected .+, found "`),
      });
    }
  }
  cases.push({
    what: 'a parameter given twice, and another wrong one',
    send: () => post('?top_k=1&top_k=2&all=maybe').attach('file', png, 'x.png'),
    code: 'invalid_parameter',
    detail: /top_k: .*found \["1","2"\]; all: expected "true" or "false", found "maybe"/,
  });

  for (const { what, send, code, detail, remedy } of cases) {
    it(`${what}: ${code}`, async () => {
      const { body, status, headers } = await replyOf(send());
      const problem: Problem = problemSchema.strict().parse(body);
      expect(problem.code, problem.detail).to.equal(code);
      expect(status).to.equal(CATALOGUE[code].status).and.to.equal(problem.status);
      expect(problem.detail).to.match(detail);
      expect(problem.title).to.equal(CATALOGUE[code].title);
      expect(problem.type).to.equal(`urn:h5serve:error:${code}`);
      expect(problem.retryable).to.equal(CATALOGUE[code].retryable);
      if (remedy === undefined) expect(problem.remedy).to.equal(CATALOGUE[code].remedy);
      else expect(problem.remedy).to.match(remedy);
      expect(headers['content-type']).to.equal('application/problem+json; charset=utf-8');
      expect(headers['x-request-id']).to.equal(problem.request_id);
    });
  }

  it('simultaneous refusals: each its own detail', async () => {
    const details = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        const { body } = await replyOf(post().attach(name, png, 'x.png'));
        return problemSchema.parse(body).detail;
      }),
    );
    expect(details).to.deep.equal(['a', 'b', 'c', 'd'].map((name) => `the file came in the field "${name}"`));
  });
});

describe('refusals of routes', () => {
  let service: TestService;
  before(async () => (service = await startService()));
  after(() => service.close());

  it('a path that does not exist: not_found', async () => {
    for (const at of ['/predictions', '/health/nope', '/%ff', '/%2e%2e/etc/passwd', `/${'x'.repeat(3000)}`]) {
      const { body, status } = await replyOf(request(service.app).get(at));
      expect(status, at).to.equal(404);
      const problem = problemSchema.strict().parse(body);
      expect(problem.code).to.equal('not_found');
      expect(problem.detail).to.have.length.below(200);
    }
  });

  it('a wrong method on a path that exists: method_not_allowed, with Allow', async () => {
    for (const [method, at, allow] of [
      ['GET', '/predict', 'POST'],
      ['HEAD', '/predict', 'POST'],
      ['PUT', '/predict', 'POST'],
      ['DELETE', '/', 'GET, HEAD'],
      ['POST', '/health', 'GET, HEAD'],
      ['PATCH', '/health/ready', 'GET, HEAD'],
      ['OPTIONS', '/health/live', 'GET, HEAD'],
    ] as const) {
      const response = await fetch(`${service.url}${at}`, { method });
      expect(response.status, `${method} ${at}`).to.equal(405);
      expect(response.headers.get('allow')).to.equal(allow);
      if (method !== 'HEAD')
        expect(problemSchema.parse(await response.json()).code).to.equal('method_not_allowed');
    }
  });
});

describe('refusals under load and at the end', () => {
  it('more requests than may wait: queue_full with Retry-After, and the others are answered', async () => {
    const service = await startService({ MAX_QUEUE: '2' });
    try {
      const png = await one();
      const responses = await Promise.all(
        Array.from({ length: 300 }, async () => {
          const form = new FormData();
          form.append('file', new Blob([png]), 'x.png');
          const response = await fetch(`${service.url}/predict`, { method: 'POST', body: form });
          return {
            status: response.status,
            retryAfter: response.headers.get('retry-after'),
            body: await response.json(),
          };
        }),
      );
      const refusals = responses.filter(({ status }) => status !== 200);
      expect(refusals.length).to.be.within(1, 299);
      for (const { status, retryAfter, body } of refusals) {
        expect(status).to.equal(503);
        expect(Number(retryAfter)).to.be.at.least(1);
        expect(problemSchema.parse(body)).to.deep.include({ code: 'queue_full', retryable: true });
      }
    } finally {
      await service.close();
    }
  });

  it('a new prediction while draining: draining, before its body is read', async () => {
    const service = await startService();
    try {
      service.lifecycle.phase = 'draining';
      const { body, status, headers } = await replyOf(
        request(service.app)
          .post('/predict')
          .attach('file', await one(), 'x.png'),
      );
      expect(status).to.equal(503);
      expect(problemSchema.parse(body)).to.deep.include({ code: 'draining', retryable: true });
      expect(headers).to.include({ connection: 'close', 'retry-after': '1' });
    } finally {
      await service.close();
    }
  });

  it('a deadline that cannot be met: a 504 that says where it passed', async () => {
    const service = await startService({ REQUEST_TIMEOUT_MS: '1' });
    try {
      const image = await sharp({ create: { width: 2000, height: 2000, channels: 3, background: 'white' } })
        .png()
        .toBuffer();
      const { body, status } = await replyOf(
        request(service.app).post('/predict').attach('file', image, 'x.png'),
      );
      expect(status).to.equal(504);
      expect(problemSchema.parse(body).code).to.match(/^deadline_in_queue|deadline_running$/);
    } finally {
      await service.close();
    }
  });
});
