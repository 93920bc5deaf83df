// Checkpoints by other people: numbers that Keras was given, sent by TensorFlow Serving's protocol, must come back as
// what Keras answered.
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { z } from 'zod';
import { NumpyRandom } from '../../../src/convert/fidelity/numpy-random.js';
import { replyOf } from '../../helpers/reply.js';
import { startService } from '../../helpers/service.js';
import { sharedData } from '../../helpers/shared-data.js';

const listSchema = z.array(z.object({ name: z.string(), file: z.string(), expected: z.string().nullable() }));
const expectedSchema = z.object({
  input_seed: z.number(),
  input_shape: z.array(z.number()),
  output: z.array(z.number()),
});
const predictionsSchema = z.object({ predictions: z.array(z.array(z.number())) });

/** Not served from a bare file; an entry that is served fails the test. */
const NOT_SERVED = new Set([
  'steering_keras121_naoki',
  'steering_lambda_crop',
  'weightsonly_malaria_naufalso',
]);

const nested = (values: readonly number[], shape: readonly number[]): unknown => {
  const [size = 1, ...rest] = shape;
  if (rest.length === 0) return values;
  const part = values.length / size;
  return Array.from({ length: size }, (_, at) => nested(values.slice(at * part, (at + 1) * part), rest));
};

describe('TensorFlow Serving :predict with numbers', () => {
  it('answers what Keras does for the public checkpoints, within 1e-5', async function () {
    this.timeout(240_000);
    const folder = sharedData(this, 'checkpoints');
    const listed = listSchema.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')));
    const root = await mkdtemp(path.join(os.tmpdir(), 'h5serve-public-'));
    for (const { name, file } of listed) {
      await symlink(path.join(folder, file), path.join(root, `${name}${path.extname(file)}`));
    }
    const service = await startService({ MODELS_DIR: root, PRECISION: 'float32', WORKERS: '1' });
    try {
      const served = service.classifier.models().map(({ info }) => info.name);
      expect(served).to.have.members(listed.map(({ name }) => name).filter((name) => !NOT_SERVED.has(name)));
      for (const { name, expected } of listed) {
        if (NOT_SERVED.has(name) || expected === null) continue;
        const { input_seed, input_shape, output } = expectedSchema.parse(
          JSON.parse(await readFile(path.join(folder, expected), 'utf8')),
        );
        const random = new NumpyRandom(input_seed);
        const length = input_shape.reduce((product, size) => product * size, 1);
        const values = Array.from({ length }, () => Math.fround(random.rand()));
        const { body, status } = await replyOf(
          request(service.app)
            .post(`/v1/models/${name}:predict`)
            .send({ instances: [nested(values, input_shape)] }),
        );
        expect(status, `${name}: ${JSON.stringify(body)}`).to.equal(200);
        const [row = []] = predictionsSchema.parse(body).predictions;
        expect(row, name).to.have.length(output.length);
        output.forEach((value, at) => expect(row[at], `${name}, class ${at}`).to.be.closeTo(value, 1e-5));
      }

      // A linear model overflows; JSON has no word for what it then gives, and it is not the server's fault.
      const { body, status } = await replyOf(
        request(service.app)
          .post('/v1/models/mnist_softmax_en10:predict')
          .send({ instances: [Array.from({ length: 784 }, () => 3e38)] }),
      );
      expect(status).to.equal(400);
      expect(JSON.stringify(body)).to.match(/the model gives NaN for example 0/);
    } finally {
      await service.close();
      await rm(root, { recursive: true });
    }
  });
});
