// Graphs that must not be loaded, each with its exact error; and what the others are cut down to.
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { NodeDef } from '../../../src/convert/saved-model/protos.js';
import { refused } from '../../helpers/refused.js';
import {
  call,
  convert,
  FIXTURES,
  float,
  functionOf,
  node,
  placeholder,
  withEnds,
  writeGraph,
} from './support.js';

describe('graphs that do more than compute', () => {
  it('are refused: one that reads a file, in a function of a function', async () => {
    const { detail, remedy } = await refused(convert(`${FIXTURES}/refused/reads_file`), 'layer_unsupported');
    expect(detail).to.match(/function __inference_serve_\d+: the node "ReadFile" is a ReadFile/);
    expect(remedy).to.include('compute');
  });

  it('are refused: one that runs Python', async () => {
    expect(
      (await refused(convert(`${FIXTURES}/refused/python_function`), 'layer_unsupported')).detail,
    ).to.include('is a PyFunc');
  });

  it('are refused: one that maps a file of the machine as its weights', async () => {
    expect(
      (await refused(convert(`${FIXTURES}/refused/maps_file.pb`), 'layer_unsupported')).detail,
    ).to.include('is a ImmutableConst');
  });

  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-refused-'))));
  afterEach(() => rm(folder, { recursive: true }));

  for (const op of [
    'WriteFile',
    'MatchingFiles',
    'PrintV2',
    'SaveV2',
    'RestoreV2',
    'HashTableV2',
    'EagerPyFunc',
    'AssignVariableOp',
    'Abort',
    'RpcCall',
    'NoSuchOp',
  ]) {
    it(`are refused: one with a ${op}, even if a prediction only waits for it`, async () => {
      const file = await writeGraph(folder, [
        placeholder(),
        node(op, 'bad'),
        node('Identity', 'scores', ['image', '^bad']),
      ]);
      expect((await refused(convert(file), 'layer_unsupported')).detail).to.include(
        `the node "bad" is a ${op}`,
      );
    });
  }

  it('are cut down to what a prediction needs: no training, no saving, no other signature', async () => {
    const file = await writeGraph(
      folder,
      [placeholder(), node('WriteFile', 'aside'), node('Relu', 'scores', ['image'])],
      [functionOf('unused', [node('PyFunc', 'python')])],
    );
    const { graph } = await convert(file);
    expect(graph)
      .to.include('Relu')
      .and.not.match(/WriteFile|PyFunc|unused/);
    const { graph: old, conversion } = await convert(`${FIXTURES}/tf1_variables`);
    expect(old).to.not.match(/SaveV2|RestoreV2|HashTable|ApplyMomentum|VariableV2|gradients/);
    expect(conversion.architecture).to.deep.equal([
      'Transpose',
      'Mul',
      'Conv2D',
      'BiasAdd',
      'Relu',
      'Reshape',
      'MatMul',
      'Softmax',
    ]);
    expect(conversion.totalParameters).to.equal(3 * 3 * 3 * 8 + 8 + 288 * 5 + 5);
  });
});

describe('graphs that are damaged or hostile', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-hostile-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('are refused wherever they are cut off', async () => {
    for (const [fixture, name] of [
      ['keras_export', 'saved_model.pb'],
      ['tf1_frozen.pb', ''],
    ] as const) {
      const whole = await readFile(path.join(FIXTURES, fixture, name));
      const file = path.join(folder, 'cut.pb');
      for (let part = 1; part < 40; part++) {
        await writeFile(file, whole.subarray(0, Math.floor((whole.length * part) / 40)));
        await refused(convert(file), 'checkpoint_damaged');
      }
    }
  });

  it('are refused when a length points beyond the end, or a number has none', async () => {
    const file = path.join(folder, 'model.pb');
    const bodies = {
      'cut short': [0x12, 0xff, 0xff, 0xff, 0xff, 0x07],
      'has no end': [0x12, ...Array<number>(11).fill(0xff)],
      'wire type 3': [0x13],
    };
    for (const [why, body] of Object.entries(bodies)) {
      await writeFile(file, Buffer.from([0x08, 0x01, ...body]));
      expect((await refused(convert(file), 'checkpoint_damaged')).detail).to.include(why);
    }
  });

  it('are refused in time when they have millions of nodes', async () => {
    const one = Buffer.from([0x0a, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x62]);
    const file = path.join(folder, 'many.pb');
    await writeFile(file, Buffer.alloc(one.length * 3_000_000, one));
    const started = performance.now();
    await refused(convert(file), 'model_too_large');
    expect(performance.now() - started).to.be.below(5000);
  });

  it('are refused when a function calls itself, or calls multiply beyond measure', async () => {
    const call3 = (called: string) => [1, 2, 3].map((at) => call(`c${at}`, called, ['x']));
    const ends = [placeholder(), call('scores', 'f', ['image'])];
    const circle = await writeGraph(folder, ends, [functionOf('f', call3('g')), functionOf('g', call3('f'))]);
    expect((await refused(convert(circle), 'checkpoint_unsupported')).detail).to.include('calls itself');
    const laughs = Array.from({ length: 30 }, (_, at) =>
      functionOf(at === 0 ? 'f' : `f${at}`, call3(`f${at + 1}`)),
    );
    await refused(convert(await writeGraph(folder, ends, laughs)), 'model_too_large');
    const deep = Array.from({ length: 200 }, (_, at) =>
      functionOf(at === 0 ? 'f' : `f${at}`, [call('c', `f${at + 1}`, ['x'])]),
    );
    await refused(convert(await writeGraph(folder, ends, deep)), 'model_too_large');
  });

  it('are refused when attributes are nested without end', async () => {
    // AttrValue { func { attr { value: AttrValue { func ... } } } }
    let value: Buffer = Buffer.alloc(0);
    const message = (field: number, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from([field * 8 + 2, 0x80 | (body.length & 0x7f), body.length >> 7]), body]);
    for (let depth = 0; depth < 100; depth++) value = message(10, message(2, message(2, value)));
    const bad = node('Relu', 'scores', ['image'], { T: { kind: 'encoded', value } });
    expect(
      (await refused(convert(await writeGraph(folder, [placeholder(), bad])), 'checkpoint_damaged')).detail,
    ).to.include('deep');
  });

  it('are refused when two nodes share a name, or one uses a node that is not there', async () => {
    const twins = [
      placeholder(),
      node('Relu', 'a', ['image']),
      node('ReadFile', 'a'),
      node('Relu', 'scores', ['a']),
    ];
    await refused(convert(await writeGraph(folder, twins)), 'checkpoint_damaged');
    await refused(
      convert(await writeGraph(folder, [placeholder(), node('Relu', 'scores', ['image', 'absent'])])),
      'checkpoint_damaged',
    );
  });

  it('are refused when their variables are missing, cut or another shape', async () => {
    const copy = async (): Promise<string> => {
      await cp(`${FIXTURES}/keras_export`, folder, { recursive: true });
      return path.join(folder, 'saved_model.pb');
    };
    const data = path.join(folder, 'variables', 'variables.data-00000-of-00001');
    const index = path.join(folder, 'variables', 'variables.index');
    let file = await copy();
    await truncate(data, 100);
    await refused(convert(file), 'checkpoint_damaged');
    await rm(data);
    await refused(convert(file), 'weights_missing');
    file = await copy();
    await truncate(index, 200);
    await refused(convert(file), 'checkpoint_damaged');
    await rm(path.join(folder, 'variables'), { recursive: true });
    expect((await refused(convert(file), 'weights_missing')).remedy).to.include('variables');
    await cp(`${FIXTURES}/any_size/variables`, path.join(folder, 'variables'), { recursive: true });
    await cp(`${FIXTURES}/two_outputs/variables`, path.join(folder, 'variables'), { recursive: true });
    await refused(convert(file), 'weights_missing');
  });

  it('never end in anything but a conversion or a refusal, whatever bytes are changed', async function () {
    this.timeout(60_000);
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (const fixture of ['two_outputs', 'tf1_frozen.pb', 'tfjs_graph']) {
      const at = path.join(folder, fixture);
      await cp(path.join(FIXTURES, fixture), at, { recursive: true });
      const file = fixture.endsWith('.pb')
        ? at
        : path.join(at, fixture === 'tfjs_graph' ? 'model.json' : 'saved_model.pb');
      const whole = await readFile(file);
      for (let trial = 0; trial < 150; trial++) {
        const changed = Buffer.from(whole);
        for (let change = 0; change <= random(4); change++) changed[random(changed.length)] = random(256);
        await writeFile(file, changed);
        await convert(
          file,
          withEnds({ output: fixture === 'two_outputs' ? 'probabilities' : undefined }),
        ).catch((error: unknown) => {
          expect(error, `trial ${trial} of ${fixture}`).to.have.property('name', 'AppError');
        });
      }
    }
  });
});

describe('the weights of a graph', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-weights-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const constant = (name: string, shape: readonly number[]): NodeDef => {
    const bytes = new Uint8Array(4 * shape.reduce((product, size) => product * size, 1));
    return node('Const', name, [], {
      dtype: float,
      value: { kind: 'tensor', value: { dtype: 'float32', shape, bytes } },
    });
  };

  it('are mapped where a product reads them, and stay inside where TensorFlow could write over them', async () => {
    const product = [
      placeholder(),
      constant('kernel', [3, 1024]),
      node('MatMul', 'scores', ['image', 'kernel']),
    ];
    expect((await convert(await writeGraph(folder, product))).graph).to.include('ImmutableConst');
    // AddV2 of constants is computed while the session starts, into the memory of its input: SIGSEGV in a mapped file.
    const sum = [
      placeholder(),
      constant('variance', [1024]),
      constant('epsilon', []),
      node('AddV2', 'sum', ['variance', 'epsilon']),
      node('Mul', 'scores', ['image', 'sum']),
    ];
    expect((await convert(await writeGraph(folder, sum))).graph).to.not.include('ImmutableConst');
  });
});

describe('graphs that leave something open', () => {
  it('say which signatures, inputs and outputs there are', async () => {
    const unknown = await refused(
      convert(`${FIXTURES}/two_outputs`, withEnds({ signature: 'clasify' })),
      'manifest_invalid',
    );
    expect(unknown.detail).to.include('no signature clasify; there are classify');
    const two = await refused(convert(`${FIXTURES}/two_outputs`), 'not_a_classifier');
    expect(two.detail).to.match(
      /2 outputs that could be served: (logits, probabilities|probabilities, logits)/,
    );
    expect(two.remedy).to.include('"graph": { "output": "..." }');
    await refused(
      convert(`${FIXTURES}/two_outputs`, withEnds({ output: 'probability' })),
      'manifest_invalid',
    );
    await refused(
      convert(`${FIXTURES}/tf1_frozen.pb`, withEnds({ output: 'no/such/node' })),
      'manifest_invalid',
    );
  });

  it('are served from any tensor that is named', async () => {
    const { conversion } = await convert(
      `${FIXTURES}/tf1_frozen.pb`,
      withEnds({ input: 'x', output: 'BiasAdd_1' }),
    );
    expect(conversion).to.deep.include({
      outputShape: [null, 5],
      notices: [
        'The model ends without a softmax; one was added. Set "output" in the manifest to say otherwise.',
      ],
    });
  });

  it('want a size where pictures may have any', async () => {
    const { remedy } = await refused(convert(`${FIXTURES}/any_size`), 'not_a_classifier');
    expect(remedy).to.include('"size"');
  });

  it('tell how many pictures they take at once, where that is settled', async () => {
    const { conversion } = await convert(`${FIXTURES}/one_picture.pb`, {
      head: { kind: 'pictures', scale: 'auto', output: 'auto', size: {} },
    });
    expect(conversion).to.include({ maxBatch: 1 });
    expect(conversion.notices)
      .to.have.length(1)
      .and.to.match(/1 pictures at a time/);
  });

  it('scale pixels themselves, or leave it to us with a notice', async () => {
    const noticed = async (fixture: string): Promise<boolean> => {
      const { conversion } = await convert(`${FIXTURES}/${fixture}`, {
        head: { kind: 'pictures', scale: 'auto', output: 'auto', size: {} },
      });
      return conversion.notices.some((notice) => notice.includes('how pixels are scaled'));
    };
    expect([
      await noticed('one_picture.pb'),
      await noticed('uint8_input'),
      await noticed('tf1_frozen.pb'),
      await noticed('tf1_condition'),
    ]).to.deep.equal([false, false, true, true]);
  });

  it('are told how many parameters are too many', async () => {
    await refused(convert(`${FIXTURES}/keras_export`, { maxParameters: 100 }), 'model_too_large');
  });
});
