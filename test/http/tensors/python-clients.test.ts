// The Python clients of both protocols, against a live server.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { one, zero } from '../../helpers/pictures.js';
import { needsPython, python } from '../../helpers/python.js';
import { startService, type TestService } from '../../helpers/service.js';

const rowsSchema = z.array(z.array(z.number()).length(10));
const flatSchema = z.object({ shape: z.array(z.number()), values: z.array(z.number()) });
const textsSchema = z.object({ shape: z.array(z.number()), values: z.array(z.string()) });

/** Two examples, of which the first is dark and the second bright. */
const WRITE_ARRAY = `
import sys, numpy
pixels = numpy.zeros((2, 28, 28, 1), numpy.uint8)
pixels[1, 4:24, 12:16] = 255
numpy.save(sys.argv[1] + "/uint8.npy", pixels)
for name in ("float16", "float32", "float64"):
    numpy.save(sys.argv[1] + "/" + name + ".npy", (pixels / 255).astype(name))
numpy.save(sys.argv[1] + "/int64.npy", pixels.astype("int64"))
numpy.save(sys.argv[1] + "/turned.npy", numpy.transpose(pixels, (0, 3, 1, 2)).astype("float32"))
`;

describe('the Python clients of the protocols', () => {
  let service: TestService;
  let folder: string;
  let pictures: readonly string[];

  before(async function () {
    await needsPython(this, 'requests', 'numpy');
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-python-'));
    pictures = [path.join(folder, 'zero.png'), path.join(folder, 'one.png')];
    await writeFile(path.join(folder, 'zero.png'), await zero());
    await writeFile(path.join(folder, 'one.png'), await one());
    expect((await python(['-c', WRITE_ARRAY, folder])).stderr).to.equal('');
    service = await startService();
  });
  after(async () => {
    // Where Python is missing nothing was started.
    await (service as TestService | undefined)?.close();
    if ((folder as string | undefined) !== undefined) await rm(folder, { recursive: true });
  });

  const run = (client: string, ...args: readonly string[]) =>
    python([`scripts/python/clients/${client}.py`, '--url', service.url, '--model', 'digits', ...args]);
  const answerOf = async (client: string, ...args: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run(client, ...args);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  };
  const best = (row: readonly number[]): number => row.indexOf(Math.max(...row));

  describe('of TensorFlow Serving', () => {
    it('classifies pictures in rows and in columns, and by label', async () => {
      for (const form of [[], ['--column']]) {
        const rows = rowsSchema.parse(await answerOf('tf_serving_client', ...form, ...pictures));
        expect(rows.map(best)).to.deep.equal([0, 1]);
      }
      const labelled = z
        .array(z.array(z.tuple([z.string(), z.number()])))
        .parse(await answerOf('tf_serving_client', '--classify', ...pictures));
      expect(labelled.map((pairs) => best(pairs.map(([, value]) => value)))).to.deep.equal([0, 1]);
    });

    it('classifies the numbers of an array', async () => {
      const file = path.join(folder, 'float32.npy');
      const rows = rowsSchema.parse(await answerOf('tf_serving_client', '--npy', file));
      expect(best(rows[1] ?? [])).to.equal(1);
    });

    it('tells the state of a model', async () => {
      expect(await answerOf('tf_serving_client')).to.have.nested.property('status[0].state', 'AVAILABLE');
    });

    it('ends with 1 and the words of the server where it is refused', async () => {
      const { code, stderr } = await run('tf_serving_client', '--npy', path.join(folder, 'turned.npy'));
      expect(code).to.equal(1);
      expect(stderr).to.include('400: instances: expected the shape [n, 28, 28, 1], found [2, 1, 28, 28]');
    });
  });

  describe('of KServe', () => {
    it('classifies pictures, as numbers and as labels', async () => {
      const { shape, values } = flatSchema.parse(await answerOf('kserve_client', ...pictures));
      expect(shape).to.deep.equal([2, 10]);
      expect([best(values.slice(0, 10)), best(values.slice(10))]).to.deep.equal([0, 1]);
      const labelled = textsSchema.parse(await answerOf('kserve_client', '--classes', '1', ...pictures));
      expect(labelled.shape).to.deep.equal([2, 1]);
      expect(labelled.values.map((text) => text.split(':')[2])).to.deep.equal(['0', '1']);
    });

    for (const name of ['uint8', 'float16', 'float32', 'float64']) {
      it(`classifies an array of ${name}`, async () => {
        const file = path.join(folder, `${name}.npy`);
        const { values } = flatSchema.parse(await answerOf('kserve_client', '--npy', file));
        expect(best(values.slice(10))).to.equal(1);
      });
    }

    it('tells that server and model are ready, and what they take', async () => {
      expect(await answerOf('kserve_client')).to.deep.include({ ready: true });
    });

    it('ends with 1 and the words of the server where it is refused', async () => {
      const { code, stderr } = await run('kserve_client', '--npy', path.join(folder, 'int64.npy'));
      expect(code).to.equal(1);
      expect(stderr).to.match(/400: inputs\[0\]\.datatype: expected FP32.*found "INT64"/);
    });
  });
});
