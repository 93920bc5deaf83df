// The ways to send a picture that are no multipart form, and what each is refused for.
import { expect } from 'chai';
import request, { type Test } from 'supertest';
import type { ErrorCode } from '../../src/errors/catalogue.js';
import { predictionSchema } from '../../src/http/schemas/prediction.js';
import { problemSchema } from '../../src/http/schemas/problem.js';
import { one } from '../helpers/pictures.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

describe('pictures without a form', () => {
  let service: TestService;
  let png: Buffer;
  before(async () => {
    service = await startService({ MAX_UPLOAD_MB: '1' });
    png = await one();
  });
  after(() => service.close());

  const post = (): Test => request(service.app).post('/predict');
  const raw = (type: string, body: Buffer | string): Test =>
    post()
      .set('Content-Type', type)
      .serialize((value: unknown) => value as string)
      .send(body as string);
  const digitOf = async (call: Test): Promise<number | undefined> => {
    const { status, body } = await replyOf(call);
    expect(status, JSON.stringify(body)).to.equal(200);
    return predictionSchema.parse(body).predicted_digit;
  };

  describe('as a raw body', () => {
    for (const type of ['image/png', 'image/jpeg', 'image/*', 'image/svg+xml', 'application/octet-stream']) {
      it(`is read by its content, whatever it is called: ${type}`, async () => {
        expect(await digitOf(raw(type, png))).to.equal(1);
      });
    }

    it('is refused when it is empty, too large, or no picture', async () => {
      await refused(raw('image/png', ''), 'empty_file');
      await refused(raw('image/png', Buffer.alloc(1024 * 1024 + 1)), 'file_too_large');
      await refused(raw('image/png', 'hello there'), 'unsupported_media');
    });

    it('is not unpacked', async () => {
      await refused(raw('image/png', png).set('Content-Encoding', 'gzip'), 'unsupported_encoding');
    });
  });

  describe('in JSON', () => {
    const text = (): string => png.toString('base64');
    const spellings: Readonly<Record<string, () => string>> = {
      base64: text,
      'without padding': () => text().replaceAll('=', ''),
      'URL-safe': () => text().replaceAll('+', '-').replaceAll('/', '_'),
      'with line breaks, as Python encodes it': () => text().replaceAll(/.{76}/g, '$&\n') + '\n',
      'a data URL': () => `data:image/png;base64,${text()}`,
      'a data URL with parameters': () => `data:image/png;charset=utf-8;base64,${text()}`,
    };
    for (const [what, write] of Object.entries(spellings)) {
      it(`is read as ${what}`, async () => {
        expect(await digitOf(post().send({ image: write() }))).to.equal(1);
      });
    }

    it('may stand in `file`, in an array of one, and beside other members', async () => {
      expect(await digitOf(post().send({ file: text() }))).to.equal(1);
      expect(await digitOf(post().send({ image: [text()] }))).to.equal(1);
      expect(await digitOf(post().send({ id: 7, note: 'say "hi" \\', image: text() }))).to.equal(1);
    });

    const wrong: readonly { what: string; body: () => string; code: ErrorCode; detail: RegExp }[] = [
      { what: 'no JSON', body: () => '{"image":', code: 'malformed_json', detail: /JSON/ },
      { what: 'nothing', body: () => '', code: 'malformed_json', detail: /JSON/ },
      { what: 'null', body: () => 'null', code: 'no_image', detail: /no member file or image/ },
      { what: 'an array', body: () => '[]', code: 'no_image', detail: /no member/ },
      { what: 'a number', body: () => '{"image":5}', code: 'malformed_json', detail: /image: .*a number/ },
      {
        what: 'null inside',
        body: () => '{"image":[null]}',
        code: 'malformed_json',
        detail: /image\[0\]: .*null/,
      },
      {
        what: 'two pictures',
        body: () => `{"image":["a","b"]}`,
        code: 'too_many_files',
        detail: /2 pictures/,
      },
      {
        what: 'two members',
        body: () => `{"image":"a","file":"b"}`,
        code: 'too_many_files',
        detail: /2 pictures, not one/,
      },
      {
        what: 'no base64',
        body: () => '{"image":"%%%%"}',
        code: 'malformed_json',
        detail: /image is not valid/,
      },
      { what: 'an empty text', body: () => '{"image":""}', code: 'empty_file', detail: /image came with 0/ },
      {
        what: 'a data URL without base64',
        body: () => '{"image":"data:image/png,%89PNG"}',
        code: 'malformed_json',
        detail: /begins with data:/,
      },
      {
        what: 'brackets without end',
        body: () => '['.repeat(100_000),
        code: 'malformed_json',
        detail: /outside of texts/,
      },
      {
        what: 'a hundred thousand small texts',
        body: () => `{"image":[${'"a",'.repeat(100_000)}"a"]}`,
        code: 'malformed_json',
        detail: /outside of texts/,
      },
      {
        what: 'a picture over the limit',
        body: () => JSON.stringify({ image: Buffer.alloc(1024 * 1024 + 1).toString('base64') }),
        code: 'file_too_large',
        detail: /1 MB/,
      },
    ];
    for (const { what, body, code, detail } of wrong) {
      it(`is refused: ${what}`, async () => {
        expect(await refused(raw('application/json', body()), code)).to.match(detail);
      });
    }
  });

  describe('with a time of its own', () => {
    it('takes the deadline from X-Request-Timeout-Ms', async () => {
      expect(await digitOf(raw('image/png', png).set('X-Request-Timeout-Ms', '5000'))).to.equal(1);
    });

    for (const value of ['0', '-1', 'soon', '1.5', '600001']) {
      it(`refuses the timeout ${value}`, async () => {
        const detail = await refused(
          raw('image/png', png).set('X-Request-Timeout-Ms', value),
          'invalid_parameter',
        );
        expect(detail).to.include('x-request-timeout-ms: expected an integer from 1 to 600000');
      });
    }
  });

  async function refused(call: Test, code: ErrorCode): Promise<string> {
    const problem = problemSchema.parse((await replyOf(call)).body);
    expect(problem.code, problem.detail).to.equal(code);
    return problem.detail;
  }
});
