import { expect } from 'chai';
import request from 'supertest';
import { inferAnswerSchema } from '../../../src/http/kserve/schemas.js';
import { pixelsOf, rowsOf, scaled } from '../../helpers/digit-tensors.js';
import { one, zero } from '../../helpers/pictures.js';
import { replyOf } from '../../helpers/reply.js';
import { startService, type TestService } from '../../helpers/service.js';

const PATH = '/v2/models/digits/infer';
const HEADER = 'Inference-Header-Content-Length';

describe('KServe v2: infer', () => {
  let service: TestService;
  let images: readonly [Buffer, Buffer];
  let pixels: readonly [Uint8Array, Uint8Array];

  before(async () => {
    service = await startService();
    images = [await zero(), await one()];
    pixels = [await pixelsOf(images[0]), await pixelsOf(images[1])];
  });
  after(() => service.close());

  const post = (body: object, path = PATH) => replyOf(request(service.app).post(path).send(body));

  const infer = async (body: object, path = PATH) => {
    const reply = await post(body, path);
    expect(reply.status, JSON.stringify(reply.body)).to.equal(200);
    return inferAnswerSchema.parse(reply.body);
  };

  const input = (datatype: string, shape: readonly number[], data: unknown) => ({
    name: 'input',
    datatype,
    shape,
    data,
  });

  const binary = async (json: object, tensor: Uint8Array, headers: Record<string, string> = {}) => {
    const head = Buffer.from(JSON.stringify(json));
    const response = await fetch(`${service.url}${PATH}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream', [HEADER]: String(head.length), ...headers },
      body: new Uint8Array(Buffer.concat([head, tensor])),
    });
    return { response, body: Buffer.from(await response.arrayBuffer()) };
  };

  const best = (data: readonly (number | string)[] | undefined, example: number): number => {
    const row = (data ?? []).slice(example * 10, example * 10 + 10).map(Number);
    return row.indexOf(Math.max(...row));
  };

  const both = (): Uint8Array => Uint8Array.from([...pixels[0], ...pixels[1]]);
  const floats = (): Float32Array => scaled(both());
  const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);

  it('takes pixels, numbers of Keras and encoded pictures, in any batch, and all agree', async () => {
    const forms = [
      input('UINT8', [2, 28, 28, 1], Array.from(both())),
      input('UINT8', [2, 28, 28], Array.from(both())),
      input('UINT8', [2, 28, 28, 1], pixels.map(rowsOf)),
      input('FP32', [2, 28, 28, 1], Array.from(floats())),
      input(
        'FP64',
        [2, 28, 28, 1],
        pixels.map((picture) => rowsOf(scaled(picture))),
      ),
      input(
        'BYTES',
        [2],
        images.map((image) => image.toString('base64')),
      ),
      input(
        'BYTES',
        [2, 1],
        images.map((image) => [image.toString('base64')]),
      ),
    ];
    const answers = await Promise.all(forms.map((form) => infer({ inputs: [form] })));
    for (const { outputs, model_name, model_version } of answers) {
      expect({ model_name, model_version }).to.deep.equal({ model_name: 'digits', model_version: 'v1' });
      const [output] = outputs;
      expect(output).to.include({ name: 'probabilities', datatype: 'FP32' });
      expect(output?.shape).to.deep.equal([2, 10]);
      expect([best(output?.data, 0), best(output?.data, 1)]).to.deep.equal([0, 1]);
      const [first] = answers;
      output?.data?.forEach((value, at) =>
        expect(Number(value)).to.be.closeTo(Number(first?.outputs[0]?.data?.[at]), 2e-3),
      );
    }
  });

  it('gives the id back, and none where none was sent', async () => {
    const form = input('UINT8', [1, 28, 28, 1], Array.from(pixels[1]));
    expect((await infer({ id: '42', inputs: [form] })).id).to.equal('42');
    expect(await infer({ inputs: [form] })).not.to.have.property('id');
  });

  it('takes what the clients of KServe and Triton add', async () => {
    const form = {
      ...input('UINT8', [1, 28, 28, 1], Array.from(pixels[1])),
      parameters: { content_type: 'np' },
    };
    const body = {
      id: 'a',
      model_name: 'digits',
      model_version: null,
      parameters: { sequence_id: 3, timeout: 5_000_000 },
      inputs: [form],
      outputs: [{ name: 'probabilities', parameters: { binary_data: false } }],
    };
    expect((await infer(body)).outputs).to.have.length(1);
    expect((await infer({ ...body, outputs: [] })).outputs).to.have.length(1);
  });

  it('answers with classes where they are asked for, best first', async () => {
    const { outputs } = await infer({
      inputs: [input('UINT8', [2, 28, 28, 1], Array.from(both()))],
      outputs: [{ name: 'probabilities', parameters: { classification: 3 } }],
    });
    expect(outputs[0]).to.include({ datatype: 'BYTES' });
    expect(outputs[0]?.shape).to.deep.equal([2, 3]);
    const texts = outputs[0]?.data?.map(String) ?? [];
    expect(texts).to.have.length(6);
    for (const text of texts) expect(text).to.match(/^[01]\.\d{6}:(\d):\1$/);
    expect(texts[0]).to.match(/:0:0$/);
    expect(texts[3]).to.match(/:1:1$/);
    expect(parseFloat(texts[0] ?? '')).to.be.above(parseFloat(texts[1] ?? ''));
  });

  it('gives no more classes than there are', async () => {
    const { outputs } = await infer({
      inputs: [input('UINT8', [1, 28, 28, 1], Array.from(pixels[0]))],
      outputs: [{ name: 'probabilities', parameters: { classification: 99 } }],
    });
    expect(outputs[0]?.shape).to.deep.equal([1, 10]);
  });

  describe('with binary tensors', () => {
    const json = (datatype: string, shape: readonly number[], size: number, rest: object = {}) => ({
      inputs: [{ name: 'input', datatype, shape, parameters: { binary_data_size: size } }],
      ...rest,
    });

    it('takes all types, little-endian, without any padding', async () => {
      const values = floats();
      const doubles = new Uint8Array(Float64Array.from(values).buffer);
      const halves = Buffer.alloc(values.length * 2);
      // 1.0 is 0x3c00 in binary16 and 0x3f80 in bfloat16.
      values.forEach((value, at) => halves.writeUInt16LE(value > 0.5 ? 0x3c00 : 0, at * 2));
      const brains = Buffer.alloc(values.length * 2);
      values.forEach((value, at) => brains.writeUInt16LE(value > 0.5 ? 0x3f80 : 0, at * 2));
      const pictures = Buffer.concat(
        images.flatMap((image) => {
          const length = Buffer.alloc(4);
          length.writeUInt32LE(image.length);
          return [length, image];
        }),
      );
      const cases: readonly (readonly [string, readonly number[], Uint8Array])[] = [
        ['FP32', [2, 28, 28, 1], bytesOf(values)],
        ['FP64', [2, 28, 28, 1], doubles],
        ['FP16', [2, 28, 28, 1], halves],
        ['BF16', [2, 28, 28, 1], brains],
        ['UINT8', [2, 28, 28, 1], both()],
        ['BYTES', [2], pictures],
      ];
      for (const [datatype, shape, tensor] of cases) {
        const { response, body } = await binary(json(datatype, shape, tensor.length), tensor);
        expect(response.status, `${datatype}: ${body.toString()}`).to.equal(200);
        const { outputs } = inferAnswerSchema.parse(JSON.parse(body.toString()));
        expect([best(outputs[0]?.data, 0), best(outputs[0]?.data, 1)], datatype).to.deep.equal([0, 1]);
      }
    });

    it('answers in binary where that is asked for, for all outputs or for one', async () => {
      const plain = await infer({ inputs: [input('UINT8', [2, 28, 28, 1], Array.from(both()))] });
      for (const rest of [
        { parameters: { binary_data_output: true } },
        { outputs: [{ name: 'probabilities', parameters: { binary_data: true } }] },
      ]) {
        const { response, body } = await binary(json('UINT8', [2, 28, 28, 1], 1568, rest), both());
        expect(response.headers.get('content-type')).to.equal('application/octet-stream');
        const length = Number(response.headers.get(HEADER));
        const head = inferAnswerSchema.parse(JSON.parse(body.toString('utf8', 0, length)));
        expect(head.outputs[0]?.parameters).to.deep.equal({ binary_data_size: 80 });
        expect(head.outputs[0]).not.to.have.property('data');
        expect(body.length).to.equal(length + 80);
        const values = Array.from({ length: 20 }, (_, at) => body.readFloatLE(length + at * 4));
        expect(values).to.deep.equal(plain.outputs[0]?.data?.map((value) => Math.fround(Number(value))));
      }
    });

    it('lets one output overrule the whole request', async () => {
      const { response, body } = await binary(
        json('UINT8', [2, 28, 28, 1], 1568, {
          parameters: { binary_data_output: true },
          outputs: [{ name: 'probabilities', parameters: { binary_data: false } }],
        }),
        both(),
      );
      expect(response.headers.get(HEADER)).to.equal(null);
      expect(inferAnswerSchema.parse(JSON.parse(body.toString())).outputs[0]?.data).to.have.length(20);
    });

    it('gives classes in binary behind their lengths', async () => {
      const { response, body } = await binary(
        json('UINT8', [2, 28, 28, 1], 1568, {
          outputs: [{ name: 'probabilities', parameters: { classification: 1, binary_data: true } }],
        }),
        both(),
      );
      let at = Number(response.headers.get(HEADER));
      const texts: string[] = [];
      while (at < body.length) {
        const length = body.readUInt32LE(at);
        texts.push(body.toString('utf8', at + 4, at + 4 + length));
        at += 4 + length;
      }
      expect(texts.map((text) => text.replace(/^[^:]+/, ''))).to.deep.equal([':0:0', ':1:1']);
    });

    const wrong: Readonly<
      Record<
        string,
        () => { json: object; tensor: Uint8Array; headers?: Record<string, string>; says: RegExp }
      >
    > = {
      'a tensor that is too short': () => ({
        json: json('FP32', [2, 28, 28, 1], 100),
        tensor: new Uint8Array(100),
        says: /expected 6272 bytes of FP32 by its shape, found 100/,
      }),
      'a size that the body has not': () => ({
        json: json('UINT8', [2, 28, 28, 1], 1568),
        tensor: new Uint8Array(1567),
        says: /expected 1568 bytes behind the JSON, as binary_data_size says, found 1567/,
      }),
      'bytes that no tensor asks for': () => ({
        json: { inputs: [input('UINT8', [1, 28, 28, 1], Array.from(pixels[0]))] },
        tensor: new Uint8Array(3),
        says: /expected binary_data_size, since 3 bytes follow the JSON/,
      }),
      'a JSON longer than the body': () => ({
        json: json('UINT8', [1, 28, 28, 1], 784),
        tensor: new Uint8Array(784),
        headers: { [HEADER]: '99999' },
        says: /Inference-Header-Content-Length: expected an integer from 1 to \d+.*found "99999"/,
      }),
      'a length that is no number': () => ({
        json: json('UINT8', [1, 28, 28, 1], 784),
        tensor: new Uint8Array(784),
        headers: { [HEADER]: '12abc' },
        says: /found "12abc"/,
      }),
      'a NaN': () => ({
        json: json('FP32', [1, 28, 28, 1], 3136),
        tensor: bytesOf(Float32Array.from({ length: 784 }, (_, at) => (at === 31 ? NaN : 0))),
        says: /inputs\[0\]\[0\]\[1\]\[3\]\[0\]: expected a finite number that float32 holds, found NaN/,
      }),
      'a picture whose length runs past the end': () => ({
        json: json('BYTES', [1], 6),
        tensor: Uint8Array.from([255, 255, 0, 0, 1, 2]),
        says: /inputs\[0\]\[0\]: its length says 65535 bytes, 2 are left/,
      }),
      'a picture without its length': () => ({
        json: json('BYTES', [1], 2),
        tensor: new Uint8Array(2),
        says: /its length says nothing, 0 are left/,
      }),
      'more pictures than the shape says': () => ({
        json: json('BYTES', [1], 12),
        tensor: new Uint8Array(12),
        says: /expected 1 pictures by its shape, found more/,
      }),
    };
    for (const [title, make] of Object.entries(wrong)) {
      it(`refuses ${title}`, async () => {
        const { json: head, tensor, headers, says } = make();
        const { response, body } = await binary(head, tensor, headers);
        expect(response.status, body.toString()).to.equal(400);
        expect(body.toString().replaceAll('\\"', '"')).to.match(says);
      });
    }

    it('refuses data without the header that tells where it begins', async () => {
      const { status, body } = await post(json('UINT8', [1, 28, 28, 1], 784));
      expect(status).to.equal(400);
      expect(JSON.stringify(body)).to.include('binary_data_size needs the header');
    });
  });

  describe('refuses, with what was expected and found', () => {
    const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
    const good = input('FP32', [1, 28, 28, 1], zeros(784));
    const cases: Readonly<Record<string, { body: object; says: string; status?: number }>> = {
      'no inputs': { body: {}, says: 'inputs: expected array, received undefined' },
      'two inputs': { body: { inputs: [good, good] }, says: 'inputs: the model has one input' },
      'an input of another name': {
        body: { inputs: [{ ...good, name: 'x' }] },
        says: 'inputs[0].name: expected "input"',
      },
      'an output of another name': {
        body: { inputs: [good], outputs: [{ name: 'y' }] },
        says: 'outputs[0].name: expected "probabilities"',
      },
      'a member that there is not': { body: { inputs: [good], input: 1 }, says: 'Unrecognized key: "input"' },
      'an id that is no text': { body: { id: 5, inputs: [good] }, says: 'id: expected string' },
      'a type that no model takes': {
        body: { inputs: [input('INT64', [1, 28, 28, 1], zeros(784))] },
        says: 'inputs[0].datatype: expected FP32, FP64, FP16, BF16 (numbers',
      },
      'the name of a prototype as type': {
        body: { inputs: [input('constructor', [1, 28, 28, 1], zeros(784))] },
        says: 'found "constructor"',
      },
      'channels first': {
        body: { inputs: [input('FP32', [1, 1, 28, 28], zeros(784))] },
        says: 'inputs[0].shape: expected the shape [n, 28, 28, 1], found [1, 1, 28, 28]: the same sizes in another order',
      },
      'an example without its batch': {
        body: { inputs: [input('FP32', [28, 28, 1], zeros(784))] },
        says: 'found [28, 28, 1]: the examples must stand in an array',
      },
      'an empty batch': {
        body: { inputs: [input('FP32', [0, 28, 28, 1], [])] },
        says: 'expected at least one example, found none',
      },
      'fewer numbers than the shape has': {
        body: { inputs: [input('FP32', [1, 28, 28, 1], zeros(783))] },
        says: 'inputs[0].data: expected the 784 numbers of the shape [1, 28, 28, 1], found 783',
      },
      'rows of another shape': {
        body: { inputs: [input('FP32', [1, 28, 28, 1], [[zeros(784)]])] },
        says: 'expected the shape [1, 28, 28, 1], or a flat array, found [1, 1, 784]',
      },
      'half a pixel': {
        body: { inputs: [input('UINT8', [1, 28, 28, 1], [...zeros(30), 0.5, ...zeros(753)])] },
        says: 'inputs[0].data[30]: expected an integer from 0 to 255, found 0.5',
      },
      'a pixel of 256': {
        body: { inputs: [input('UINT8', [1, 28, 28, 1], [...zeros(783), 256])] },
        says: 'inputs[0].data[783]: expected an integer from 0 to 255, found 256',
      },
      'numbers as texts': {
        body: { inputs: [input('FP32', [1, 28, 28, 1], [...zeros(5), '0', ...zeros(778)])] },
        says: 'inputs[0].data[5]: expected a number, found the text "0"',
      },
      'texts for numbers': {
        body: { inputs: [input('FP32', [1, 28, 28, 1], ['AAAA'])] },
        says: 'inputs[0].data: expected numbers, found an array',
      },
      'numbers for pictures': {
        body: { inputs: [input('BYTES', [1], [1])] },
        says: 'inputs[0].data: expected texts in base64, found numbers of the shape [1]',
      },
      'a picture that is none': {
        body: { inputs: [input('BYTES', [1], ['aGVsbG8gd29ybGQ='])] },
        says: 'inputs[0].data[0]: ',
        status: 415,
      },
      'a text that is no base64': {
        body: { inputs: [input('BYTES', [1], ['***'])] },
        says: 'inputs[0].data[0] is not valid base64',
      },
      'fewer pictures than the shape has': {
        body: { inputs: [input('BYTES', [2], ['AAAA'])] },
        says: 'expected 2 pictures by its shape, found 1',
      },
      'shared memory': {
        body: { inputs: [{ ...good, parameters: { shared_memory_region: 'a' } }] },
        says: 'shared memory is not supported',
      },
      'data in both ways': {
        body: { inputs: [{ ...good, parameters: { binary_data_size: 4 } }] },
        says: 'expected one of data and binary_data_size, found both',
      },
      'a shape of huge sizes': {
        body: { inputs: [input('FP32', [1, 9007199254740991, 28, 1], [1])] },
        says: 'found [1, 9007199254740991, 28, 1]',
      },
    };
    for (const [title, { body, says, status: expected = 400 }] of Object.entries(cases)) {
      it(title, async () => {
        const { status, body: answer, headers } = await post(body);
        expect(status, JSON.stringify(answer)).to.equal(expected);
        expect(answer).to.have.all.keys('error');
        expect(String((answer as { error: unknown }).error)).to.include(says);
        expect(headers['x-error-code']).to.be.a('string');
        expect(headers['x-request-id']).to.be.a('string');
      });
    }

    it('more examples than ever fit', async () => {
      const { status, body } = await post({ inputs: [input('BYTES', [300], [])] });
      expect(status).to.equal(413);
      expect(JSON.stringify(body)).to.include('300 examples; at most 256 fit');
    });

    it('a model that is not there, as 404', async () => {
      const { status, body } = await post({ inputs: [good] }, '/v2/models/nowhere/infer');
      expect(status).to.equal(404);
      expect(JSON.stringify(body)).to.include('nowhere is not served here');
    });

    it('another method and another path, in the same form', async () => {
      const got = await replyOf(request(service.app).get(PATH));
      expect(got.status).to.equal(405);
      expect(got.body).to.have.all.keys('error');
      const lost = await replyOf(request(service.app).get('/v2/repository/index'));
      expect(lost.status).to.equal(404);
      expect(lost.body).to.have.all.keys('error');
    });
  });

  it('keeps deadlines: that of the header, and that of Triton in microseconds', async () => {
    const form = input('UINT8', [1, 28, 28, 1], Array.from(pixels[0]));
    const { status, body } = await post({ parameters: { timeout: 1 }, inputs: [form] });
    expect(status, JSON.stringify(body)).to.equal(504);
    const bad = await replyOf(
      request(service.app)
        .post(PATH)
        .set('X-Request-Timeout-Ms', 'soon')
        .send({ inputs: [form] }),
    );
    expect(bad.status).to.equal(400);
    expect(JSON.stringify(bad.body)).to.include('x-request-timeout-ms: expected an integer');
  });

  it('tells the stages as Server-Timing', async () => {
    const { headers } = await post({ inputs: [input('UINT8', [1, 28, 28, 1], Array.from(pixels[0]))] });
    expect(headers['server-timing']).to.match(
      /^receive;dur=.*, decode;.*, queue;.*, inference;.*, total;dur=/,
    );
  });
});
