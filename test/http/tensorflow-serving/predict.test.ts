import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { z } from 'zod';
import { classifyAnswerSchema } from '../../../src/http/tensorflow-serving/schemas.js';
import { pixelsOf, rowsOf, scaled } from '../../helpers/digit-tensors.js';
import { one, zero } from '../../helpers/pictures.js';
import { replyOf } from '../../helpers/reply.js';
import { startService, type TestService } from '../../helpers/service.js';

const PREDICT = '/v1/models/digits:predict';
const rowsSchema = z.array(z.array(z.number()).length(10));
const answerSchema = z.union([
  z.strictObject({ predictions: rowsSchema }),
  z.strictObject({ outputs: rowsSchema }),
]);

describe('TensorFlow Serving', () => {
  let service: TestService;
  let root: string;
  let images: readonly [Buffer, Buffer];
  let rows: readonly [unknown, unknown];

  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-tfs-'));
    for (const version of ['1', 'v2', 'candidate'])
      await cp('saved_models/digits/v1', path.join(root, 'digits', version), { recursive: true });
    service = await startService({ MODELS_DIR: root, WORKERS: '1', MAX_TENSOR_MB: '4' });
    images = [await zero(), await one()];
    rows = [rowsOf(scaled(await pixelsOf(images[0]))), rowsOf(scaled(await pixelsOf(images[1])))];
  });
  after(async () => {
    await service.close();
    await rm(root, { recursive: true });
  });

  const post = (body: object | string, address = PREDICT) =>
    replyOf(request(service.app).post(address).set('Content-Type', 'application/json').send(body));

  const predict = async (body: object, address = PREDICT): Promise<readonly number[]> => {
    const reply = await post(body, address);
    expect(reply.status, JSON.stringify(reply.body)).to.equal(200);
    const answer = answerSchema.parse(reply.body);
    return ('outputs' in answer ? answer.outputs : answer.predictions).map((row) =>
      row.indexOf(Math.max(...row)),
    );
  };

  const b64 = (at: 0 | 1) => ({ b64: images[at].toString('base64') });

  describe(':predict', () => {
    it('answers instances with predictions, and inputs with outputs', async () => {
      expect((await post({ instances: [rows[0]] })).body).to.have.all.keys('predictions');
      expect((await post({ inputs: [rows[0]] })).body).to.have.all.keys('outputs');
    });

    const forms: Readonly<Record<string, () => object>> = {
      'numbers by row': () => ({ instances: rows }),
      'named numbers by row': () => ({ instances: rows.map((row) => ({ conv2d_input: row })) }),
      'pictures by row': () => ({ instances: [b64(0), b64(1)] }),
      'named pictures by row': () => ({ instances: [{ image_bytes: b64(0) }, { image_bytes: b64(1) }] }),
      'numbers by column': () => ({ inputs: rows }),
      'named numbers by column': () => ({ inputs: { input_1: rows } }),
      'pictures by column': () => ({ inputs: [b64(0), b64(1)] }),
      'named pictures by column': () => ({ inputs: { x: [b64(0), b64(1)] } }),
      'the default signature': () => ({ signature_name: 'serving_default', instances: rows }),
      'an empty signature': () => ({ signature_name: '', instances: rows }),
    };
    for (const [title, body] of Object.entries(forms)) {
      it(`takes ${title}`, async () => {
        expect(await predict(body())).to.deep.equal([0, 1]);
      });
    }

    it('takes one picture as the whole input', async () => {
      expect(await predict({ inputs: b64(1) })).to.deep.equal([1]);
      expect(await predict({ inputs: { x: b64(1) } })).to.deep.equal([1]);
    });

    it('takes more examples than a batch holds, and answers in their order', async () => {
      const order = Array.from({ length: 90 }, (_, at) => (at * 7 + (at >> 3)) % 2);
      const instances = order.map((digit) => rows[digit]);
      expect(await predict({ instances })).to.deep.equal(order);
    });

    it('reads the body whatever its type is called, as curl -d sends it', async () => {
      const reply = await replyOf(
        request(service.app)
          .post(PREDICT)
          .set('Content-Type', 'application/x-www-form-urlencoded')
          .send(JSON.stringify({ instances: [rows[1]] })),
      );
      expect(reply.status).to.equal(200);
    });

    it('writes every number as a decimal, and float32 to its last digit', async () => {
      const response = await fetch(`${service.url}${PREDICT}`, {
        method: 'POST',
        body: JSON.stringify({ instances: [rows[1]] }),
      });
      const text = await response.text();
      const numbers = text.match(/-?\d[\d.e-]*/g) ?? [];
      expect(numbers).to.have.length(10);
      for (const number of numbers) expect(number).to.match(/[.e]/);
      const values = numbers.map(Number);
      expect(values.reduce((sum, value) => sum + value, 0)).to.be.closeTo(1, 1e-5);
    });

    for (const address of [
      '/v1/models/digits/versions/1:predict',
      '/v1/models/digits/versions/2:predict',
      '/v1/models/digits/versions/v2:predict',
      '/v1/models/digits/labels/candidate:predict',
    ]) {
      it(`answers at ${address}`, async () => {
        expect(await predict({ instances: rows }, address)).to.deep.equal([0, 1]);
      });
    }
  });

  describe(':classify', () => {
    const classify = async (body: object) => {
      const reply = await post(body, '/v1/models/digits:classify');
      expect(reply.status, JSON.stringify(reply.body)).to.equal(200);
      return classifyAnswerSchema.strict().parse(reply.body).results;
    };
    const bestLabel = (pairs: readonly (readonly [string, number])[]) =>
      [...pairs].sort(([, a], [, b]) => b - a)[0]?.[0];

    it('gives label and probability of every class, in class order', async () => {
      const results = await classify({ examples: [{ image: b64(0) }, { image: [b64(1)] }] });
      expect(results.map(bestLabel)).to.deep.equal(['0', '1']);
      expect(results[0]?.map(([label]) => label)).to.deep.equal(Array.from('0123456789'));
    });

    it('takes numbers in a flat list, as features are', async () => {
      const flat = (row: unknown): readonly unknown[] => [row].flat(Infinity);
      const results = await classify({
        signature_name: 'classify',
        examples: [{ x: flat(rows[0]) }, { x: flat(rows[1]) }, { x: rows[1] }],
      });
      expect(results.map(bestLabel)).to.deep.equal(['0', '1', '1']);
    });

    it('takes the feature from the context where examples have none', async () => {
      expect(
        (await classify({ context: { image: b64(1) }, examples: [{}, {}] })).map(bestLabel),
      ).to.deep.equal(['1', '1']);
    });

    const wrong: Readonly<Record<string, { body: () => object; says: string }>> = {
      'no examples': { body: () => ({ examples: [] }), says: 'examples: expected an array of objects' },
      'an example that is no object': {
        body: () => ({ examples: [b64(0), 'x'] }),
        says: 'examples[1]: expected an object, found the text "x"',
      },
      'a feature in the context too': {
        body: () => ({ context: { image: b64(0) }, examples: [{ image: b64(0) }] }),
        says: 'examples[0]: the feature "image" is in the context too',
      },
      'two features': {
        body: () => ({ examples: [{ image: b64(0), caption: 'x' }] }),
        says: 'examples[0]: the model has one input, found 2 by name',
      },
      'too few numbers': {
        body: () => ({ examples: [{ x: [1, 2, 3] }] }),
        says: 'examples[0].x: expected the 784 numbers of [28, 28, 1], found 3',
      },
      'a plain text': {
        body: () => ({ examples: [{ image: 'abc' }] }),
        says: 'examples[0].image: expected a picture as {"b64": "..."}, or numbers, found the text "abc"',
      },
    };
    for (const [title, { body, says }] of Object.entries(wrong)) {
      it(`refuses ${title}`, async () => {
        const { status, body: answer } = await post(body(), '/v1/models/digits:classify');
        expect(status).to.equal(400);
        expect((answer as { error: string }).error).to.include(says);
      });
    }
  });

  describe('tells', () => {
    const get = (address: string) => replyOf(request(service.app).get(address));
    const available = (version: string) => ({
      version,
      state: 'AVAILABLE',
      status: { error_code: 'OK', error_message: '' },
    });

    it('the state of all versions, of one, or of a label', async () => {
      const all = await get('/v1/models/digits');
      expect(all.status).to.equal(200);
      expect(all.body).to.have.all.keys('model_version_status');
      expect((all.body as { model_version_status: unknown[] }).model_version_status).to.have.deep.members(
        ['1', '2', 'candidate'].map(available),
      );
      for (const [address, version] of [
        ['versions/1', '1'],
        ['versions/2', '2'],
        ['labels/candidate', 'candidate'],
      ] as const) {
        const { body } = await get(`/v1/models/digits/${address}`);
        expect(body).to.deep.equal({ model_version_status: [available(version)] });
      }
    });

    it('inputs and outputs as signatures', async () => {
      const { body } = await get('/v1/models/digits/versions/2/metadata');
      expect(body).to.have.nested.property('model_spec.version', '2');
      expect(body).to.have.deep.nested.property(
        'metadata.signature_def.signature_def.serving_default.inputs.input.tensor_shape',
        {
          dim: ['-1', '28', '28', '1'].map((size) => ({ size, name: '' })),
          unknown_rank: false,
        },
      );
      expect((await get('/v1/models/digits/metadata')).status).to.equal(200);
      expect((await get('/v1/models/digits/labels/v2/metadata')).status).to.equal(200);
    });

    const unknown: Readonly<Record<string, { status: number; says: string }>> = {
      '/v1/models/half': { status: 404, says: 'Could not find any versions of model half' },
      '/v1/models/digits/versions/7': { status: 404, says: 'Could not find version 7 of model digits' },
      '/v1/models/half/metadata': { status: 404, says: 'Servable not found for request: Latest(half)' },
      '/v1/models/digits/versions/7/metadata': {
        status: 404,
        says: 'Servable not found for request: Specific(digits, 7)',
      },
      '/v1/models/digits/labels/stable': { status: 400, says: 'Unrecognized servable version label: stable' },
      '/v1/models/..%2Fetc': { status: 400, says: 'model: expected a name' },
      '/v1/models/__proto__/metadata': { status: 400, says: 'model: expected a name' },
      '/v1/models/constructor/metadata': { status: 404, says: 'Latest(constructor)' },
      '/v1/models/digits:predict': { status: 405, says: 'GET is not possible here; allowed: POST' },
      '/v1/models': { status: 404, says: 'there is nothing at' },
    };
    for (const [address, { status, says }] of Object.entries(unknown)) {
      it(`what is wrong with ${address}`, async () => {
        const reply = await get(address);
        expect(reply.status).to.equal(status);
        expect(reply.body).to.have.all.keys('error');
        expect((reply.body as { error: string }).error).to.include(says);
      });
    }

    it('that a model to predict with is not there', async () => {
      const { status, body } = await post({ instances: [1] }, '/v1/models/half:predict');
      expect(status).to.equal(404);
      expect((body as { error: string }).error).to.include('Servable not found for request: Latest(half)');
    });
  });

  describe('refuses, with what was expected, what was found and where', () => {
    const text = (instances: string): string => `{"instances": ${instances}}`;
    const example = (change: (rows: unknown[][][]) => void): unknown => {
      const copy = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0]));
      change(copy);
      return copy;
    };
    const cases: Readonly<Record<string, { body: () => object | string; says: string }>> = {
      nothing: { body: () => '', says: 'at byte 0: expected a value, found the end of the body' },
      'no object': { body: () => '[[1]]', says: 'expected an object of signature_name, instances, inputs' },
      'neither form': { body: () => ({}), says: "Missing 'inputs' or 'instances' key" },
      'both forms': {
        body: () => ({ instances: [1], inputs: [1] }),
        says: 'expected one of "inputs" and "instances", found both',
      },
      'an unknown member': {
        body: () => ({ instances: [1], instance: 1 }),
        says: 'found the member "instance"',
      },
      'a member twice': { body: () => '{"a": 1, "a": 2}', says: 'the member a is there twice' },
      'another signature': {
        body: () => ({ signature_name: 'regress', instances: [1] }),
        says: 'Serving signature name: "regress" not found in signature def',
      },
      'a signature that is no text': {
        body: () => ({ signature_name: 5, instances: [1] }),
        says: 'signature_name: expected a text, found 5',
      },
      'no instances': { body: () => ({ instances: [] }), says: 'found an empty array' },
      'instances that are no array': {
        body: () => ({ instances: { a: 1 } }),
        says: 'instances: expected an array of examples, found an object of "a"',
      },
      'one example without its batch': {
        body: () => ({ instances: rows[0] }),
        says: 'instances: expected the shape [n, 28, 28, 1], found [28, 28, 1]: the examples must stand in an array',
      },
      'channels first': {
        body: () =>
          text(JSON.stringify([[Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => 0))]])),
        says: 'expected the shape [n, 28, 28, 1], found [1, 1, 28, 28]: the same sizes in another order',
      },
      'a number as text': {
        body: () => ({
          instances: [rows[0], rows[0], rows[0], example((e) => (e[0] ?? [])[27]?.splice(0, 1, '7'))],
        }),
        says: 'instances[3][0][27][0]: expected a number, found the text "7"',
      },
      null: {
        body: () => ({ instances: [example((e) => e[5]?.[6]?.splice(0, 1, null))] }),
        says: 'instances[0][5][6][0]: expected a number, found null',
      },
      'a row that is too short': {
        body: () => ({ instances: [example((e) => e[9]?.pop())] }),
        says: 'instances[0][9]: expected 28 elements, as in the first of its kind, found 27',
      },
      'a number where an array should be': {
        body: () => ({ instances: [example((e) => e[2]?.splice(3, 1, 1 as never))] }),
        says: 'instances[0][2][3]: expected an array, as beside it, found 1',
      },
      'an array where a number should be': {
        body: () => ({ instances: [example((e) => e[2]?.[3]?.splice(0, 1, [1]))] }),
        says: 'instances[0][2][3][0]: expected a number, found an array',
      },
      NaN: { body: () => text('[[NaN]]'), says: 'found NaN' },
      'NaN among numbers': {
        body: () => text('[[1, NaN]]'),
        says: 'instances[0][1]: expected a number, found NaN',
      },
      Infinity: { body: () => text('[[1, -Infinity]]'), says: 'instances[0][1]: expected a finite number' },
      'more than float32 holds': {
        body: () => text('[[1, 1e39]]'),
        says: 'instances[0][1]: expected a finite number that float32 holds, found 1e39',
      },
      'a huge integer': {
        body: () => text(`[[1${'0'.repeat(400)}]]`),
        says: 'instances[0][0]: expected a finite number',
      },
      'a number without an end': {
        body: () => text(`[[1${'0'.repeat(4000)}]]`),
        says: 'a number of more than 1000 characters',
      },
      'a number with a leading zero': { body: () => text('[[01]]'), says: 'found 01' },
      'an open array': {
        body: () => '{"instances": [[1, 2',
        says: 'expected "," or "]", found the end of the body',
      },
      'a comma too many': {
        body: () => text('[[1, 2, ]]'),
        says: 'instances[0][2]: expected a number, found "]"',
      },
      'text behind the end': {
        body: () => '{"instances": [1]} x',
        says: 'expected the end of the body, found x',
      },
      'a deep nesting of arrays': {
        body: () => text(`${'['.repeat(1_000_000)}1`),
        says: 'more than 16 arrays in each other',
      },
      'a deep nesting of objects': {
        body: () => '{"a":'.repeat(200_000),
        says: 'more than 16 arrays and objects in each other',
      },
      'very many small values': {
        body: () => text(`[${'{},'.repeat(30_000)}{}]`),
        says: 'more than 20000 values besides its tensors',
      },
      'pictures among numbers': {
        body: () => ({ instances: [{ x: rows[0] }, b64(0)] }),
        says: 'instances[1]: expected numbers, found an object of "b64"',
      },
      'numbers among pictures': {
        body: () => ({ instances: [b64(0), [1, 2]] }),
        says: 'instances[1]: expected a picture, found numbers of the shape [2]',
      },
      'a wrong shape by name': {
        body: () => ({ instances: [{ x: rows[0] }, { x: [1, 2] }] }),
        says: 'instances[1].x: expected the shape [28, 28, 1], found [2]',
      },
      'base64 that is none': {
        body: () => ({ instances: [{ b64: '$$' }] }),
        says: 'instances[0] is not valid base64',
      },
      'an empty picture': { body: () => ({ instances: [{ b64: '' }] }), says: 'instances[0] has 0 bytes' },
    };
    for (const [title, { body, says }] of Object.entries(cases)) {
      it(title, async () => {
        const reply = await post(body());
        expect(reply.status, JSON.stringify(reply.body)).to.equal(400);
        expect(reply.body).to.have.all.keys('error');
        expect((reply.body as { error: string }).error).to.include(says);
      });
    }

    it('a picture that cannot be read, with its place', async () => {
      const reply = await post({ instances: [b64(0), { b64: Buffer.from('GIF8 not').toString('base64') }] });
      expect(reply.status).to.be.oneOf([415, 422]);
      expect((reply.body as { error: string }).error).to.match(/^instances\[1\]: /);
    });

    it('a body that is too large, before it is read', async () => {
      const reply = await post(text(`[${'0,'.repeat(2_200_000)}0]`));
      expect(reply.status).to.equal(413);
      expect(reply.headers['x-error-code']).to.equal('body_too_large');
    });

    it('more numbers than ever fit, before all are read', async () => {
      const reply = await post(text(`[${'0,'.repeat(300_000)}0]`));
      expect(reply.status).to.equal(413);
      expect((reply.body as { error: string }).error).to.include('more than 200704 numbers');
    });

    it('a compressed body', async () => {
      const reply = await replyOf(
        request(service.app).post(PREDICT).set('Content-Encoding', 'gzip').send('{"instances": [1]}'),
      );
      expect(reply.status).to.equal(415);
    });
  });
});
