// Models of TensorFlow.js: numbers that are stored small, and files that are not as they should be.
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { dequantise } from '../../../src/convert/tfjs/dequantise.js';
import { refused } from '../../helpers/refused.js';
import { convert, FIXTURES } from '../tensorflow/support.js';

const floats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.buffer)];

describe('quantised weights', () => {
  it('are steps from a smallest value, of one byte or two', () => {
    expect(
      floats(dequantise(Uint8Array.of(0, 1, 255), 'float32', { dtype: 'uint8', scale: 0.5, min: -1 })),
    ).to.deep.equal([-1, -0.5, 126.5]);
    expect(
      floats(dequantise(Uint8Array.of(0, 0, 0, 1), 'float32', { dtype: 'uint16', scale: 0.25, min: 2 })),
    ).to.deep.equal([2, 66]);
  });

  it('are rounded where they were whole numbers', () => {
    const bytes = dequantise(Uint8Array.of(0, 3), 'int32', { dtype: 'uint8', scale: 1.9, min: -2 });
    expect([...new Int32Array(bytes.buffer)]).to.deep.equal([-2, 4]);
  });

  it('are half precision: normal, subnormal, infinite, not a number', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7c00, 0x7e00);
    const [one, minusTwo, third, smallest, zero, infinite, nan] = floats(
      dequantise(new Uint8Array(halves.buffer), 'float32', { dtype: 'float16' }),
    );
    expect([one, minusTwo, smallest, infinite]).to.deep.equal([1, -2, 2 ** -24, Infinity]);
    expect(third).to.be.closeTo(1 / 3, 1e-4);
    expect([Object.is(zero, -0), nan]).to.deep.equal([true, NaN]);
  });
});

interface Manifest {
  weightsManifest: { paths: string[]; weights: { name: string; dtype: string; shape: number[] }[] }[];
  modelTopology: Record<string, unknown>;
}

for (const kind of ['tfjs_layers', 'tfjs_graph']) {
  describe(`a model of TensorFlow.js (${kind})`, () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-tfjs-'));
      await cp(path.join(FIXTURES, kind), folder, { recursive: true });
    });
    afterEach(() => rm(folder, { recursive: true }));

    const change = async (edit: (model: Manifest) => void): Promise<void> => {
      const file = path.join(folder, 'model.json');
      const model = JSON.parse(await readFile(file, 'utf8')) as Manifest;
      edit(model);
      await writeFile(file, JSON.stringify(model));
    };

    it('is refused without one of its files, and says which', async () => {
      await rm(path.join(folder, 'group1-shard2of2.bin'));
      expect((await refused(convert(folder), 'weights_missing')).detail).to.include('group1-shard2of2.bin');
    });

    it('is refused with a file that is too short, and says where it should have ended', async () => {
      await truncate(path.join(folder, 'group1-shard2of2.bin'), 50);
      expect((await refused(convert(folder), 'checkpoint_damaged')).detail).to.match(
        /bytes, but ".*" ends at \d+/,
      );
    });

    for (const name of [
      '../../etc/passwd',
      '/etc/passwd',
      'a/../../b',
      '..\\b',
      'file:///etc/passwd',
      'http://host/shard',
      '',
    ]) {
      it(`is refused when its weights are said to be in "${name}"`, async () => {
        await change(({ weightsManifest: [group] }) => group?.paths.splice(0, 1, name));
        await refused(convert(folder), 'checkpoint_unsupported');
      });
    }

    it('is refused when it is larger than the limit', async () => {
      await refused(convert(folder, { maxParameters: 10 }), 'model_too_large');
    });

    it('is refused when a weight is of another size, or has no name that is known', async () => {
      await change(({ weightsManifest: [group] }) => group?.weights[0]?.shape.push(1e9));
      await refused(convert(folder), 'checkpoint_damaged');
      await cp(path.join(FIXTURES, kind), folder, { recursive: true });
      await change(({ weightsManifest: [group] }) =>
        group?.weights.splice(0, 1, { ...group.weights[0], name: 'other', dtype: 'float32', shape: [1] }),
      );
      await refused(convert(folder), 'weights_missing');
      await cp(path.join(FIXTURES, kind), folder, { recursive: true });
      await change(({ weightsManifest: [group] }) =>
        group?.weights.splice(0, 1, { name: 'words', dtype: 'string', shape: [3] }),
      );
      await refused(convert(folder), 'checkpoint_unsupported');
    });

    it('is refused when it is cut short, or JSON of something else', async () => {
      const file = path.join(folder, 'model.json');
      await truncate(file, 500);
      await refused(convert(folder), 'checkpoint_damaged');
      await writeFile(file, '{"class_name":"Sequential","config":[]}');
      expect((await refused(convert(folder), 'checkpoint_unsupported')).detail).to.include('modelTopology');
      await writeFile(file, '{"modelTopology":{"nothing":1},"weightsManifest":[]}');
      await refused(convert(folder), 'checkpoint_unsupported');
      await writeFile(file, '{"modelTopology":{},"weightsManifest":[{"paths":[],"weights":[]}]}');
      await refused(convert(folder), 'checkpoint_damaged');
    });
  });
}

describe('a model of TensorFlow.js in graph format', () => {
  it('is refused by the operation that it must not have', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-tfjs-'));
    try {
      const model = JSON.parse(
        await readFile(path.join(FIXTURES, 'tfjs_graph', 'model.json'), 'utf8'),
      ) as Manifest;
      const nodes = model.modelTopology['node'] as { name: string; op: string; input?: string[] }[];
      nodes.find(({ name }) => name === 'Identity')?.input?.push('^bad');
      nodes.push({ name: 'bad', op: 'WriteFile' });
      await cp(path.join(FIXTURES, 'tfjs_graph'), folder, { recursive: true });
      await writeFile(path.join(folder, 'model.json'), JSON.stringify(model));
      expect((await refused(convert(folder), 'layer_unsupported')).detail).to.include('WriteFile');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells what it is made of, its joined operations taken apart', async () => {
    const { conversion } = await convert(path.join(FIXTURES, 'tfjs_graph'));
    expect(conversion.architecture).to.include.members([
      'Conv2D',
      'BiasAdd',
      'DepthwiseConv2dNative',
      'Relu6',
      'Elu',
      'MatMul',
      'Softmax',
    ]);
    expect(conversion.architecture.join()).to.not.include('Fused');
  });
});
