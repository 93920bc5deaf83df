// What tf.keras and Keras 3 wrote in ways of their own beside the same models as Keras 2 wrote them.
import { expect } from 'chai';
import { legacyH5, type Weight } from '../helpers/keras-files.js';
import { nativeOutput } from '../helpers/native-run.js';
import { refused } from '../helpers/refused.js';

type Json = Readonly<Record<string, unknown>>;

const layer = (className: string, name: string, config: Json, ...inputs: readonly string[]): Json => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
});

const input = layer('InputLayer', 'image', { batch_input_shape: [null, 5, 5, 2] });

const model = (layers: readonly Json[], ends: Json = {}): Json => ({
  class_name: 'Model',
  config: {
    name: 'model',
    layers: [input, ...layers],
    input_layers: [['image', 0, 0]],
    output_layers: [[layers.at(-1)?.['name'], 0, 0]],
    ...ends,
  },
});

const CONV = { filters: 3, kernel_size: [2, 2], strides: [1, 1], padding: 'valid', use_bias: false };
const weights: Readonly<Record<string, readonly Weight[]>> = {
  conv: [{ name: 'conv/kernel:0', shape: [2, 2, 2, 3] }],
};

const outputOf = async (config: Json, more = weights): Promise<readonly number[]> =>
  Array.from(await nativeOutput({ content: await legacyH5({ config, weights: more }) }));

async function same(odd: Json, plain: Json, more = weights): Promise<void> {
  const [a, b] = [await outputOf(odd, more), await outputOf(plain, more)];
  expect(Math.max(...b.map(Math.abs)), 'a model that says something').to.be.above(1e-3);
  expect(a.length).to.equal(b.length);
  a.forEach((value, at) => expect(value).to.be.closeTo(b[at] ?? NaN, 1e-6));
}

const operation = (
  name: string,
  op: string,
  constants: Json,
  attr: Json,
  ...inputs: readonly string[]
): Json =>
  layer('TensorFlowOpLayer', name, { node_def: { name, op, input: inputs, attr }, constants }, ...inputs);

describe('tf.keras', () => {
  it('wrote operations as TensorFlowOpLayers: constants stand where they stood, on either side', async () => {
    const odd = model([
      operation('sub', 'Sub', { 0: 1 }, { T: { type: 'DT_FLOAT' } }, 'image'),
      operation('div', 'RealDiv', { 1: 4 }, {}, 'sub'),
      operation('mean', 'Mean', { 1: [1, 2] }, { keep_dims: { b: true } }, 'div'),
    ]);
    // (1 - x) / 4, then the mean: a Rescaling and a pooling.
    const plain = model([
      layer('Rescaling', 'scale', { scale: -0.25, offset: 0.25 }, 'image'),
      layer('GlobalAveragePooling2D', 'pool', { keepdims: true }, 'scale'),
    ]);
    await same(odd, plain, {});
  });

  it('is refused by the name of an operation that is not converted', async () => {
    const config = model([operation('slice', 'StridedSlice', {}, {}, 'image')]);
    const { detail } = await refused(outputOf(config, {}), 'layer_unsupported');
    expect(detail).to.include('TensorFlowOpLayer with StridedSlice');
  });

  it('wrote tuples and tracked lists as objects, and numbers of NumPy as arrays', async () => {
    const tuple = (...items: readonly unknown[]): Json => ({ class_name: '__tuple__', items });
    const odd = model([
      layer('ZeroPadding2D', 'pad', { padding: tuple(tuple(1, 0), tuple(0, 2)) }, 'image'),
      layer('Conv2D', 'conv', { ...CONV, strides: { class_name: 'ListWrapper', items: [1, 1] } }, 'pad'),
      layer('LeakyReLU', 'leaky', { alpha: { type: 'ndarray', value: 0.2 } }, 'conv'),
      layer('ReLU', 'relu', { max_value: [0.5], negative_slope: [0.5], threshold: [0] }, 'leaky'),
    ]);
    const plain = model([
      layer('ZeroPadding2D', 'pad', { padding: [[1, 0], [0, 2]] }, 'image'), // prettier-ignore
      layer('Conv2D', 'conv', CONV, 'pad'),
      layer('LeakyReLU', 'leaky', { alpha: 0.2 }, 'conv'),
      layer('ReLU', 'relu', { max_value: 0.5, negative_slope: 0.5, threshold: 0 }, 'leaky'),
    ]);
    await same(odd, plain);
  });

  it('called batch norm by the version of its code', async () => {
    const withNorm = (className: string): Json =>
      model([
        layer('Conv2D', 'conv', CONV, 'image'),
        layer(className, 'norm', { axis: { class_name: 'ListWrapper', items: [3] }, scale: false }, 'conv'),
      ]);
    const norm = ['beta', 'moving_mean', 'moving_variance'].map((name) => ({
      name: `norm/${name}:0`,
      shape: [3],
      data: Float32Array.of(0.5, 1, 2),
    }));
    for (const name of ['BatchNormalizationV1', 'BatchNormalizationV2'])
      await same(withNorm(name), withNorm('BatchNormalization'), { ...weights, norm });
  });
});

const lambdaCall = (name: string, fn: string, kwargs: Json, ...inputs: readonly string[]): Json => ({
  class_name: fn === '__operators__.getitem' ? 'SlicingOpLambda' : 'TFOpLambda',
  name,
  config: { name, trainable: true, dtype: 'float32', function: fn },
  inbound_nodes: inputs.map((from) => [from, 0, 0, kwargs]),
});

describe('operations of tf.keras', () => {
  it('prepare pictures as the models of Caffe want them', async () => {
    const all = { start: null, stop: null, step: null };
    const odd = model([
      lambdaCall(
        'turn',
        '__operators__.getitem',
        { slice_spec: [{ class_name: '__ellipsis__' }, { ...all, step: -1 }] },
        'image',
      ),
      lambdaCall('centre', 'nn.bias_add', { bias: [-0.25, 0.5], data_format: 'NHWC', name: null }, 'turn'),
    ]);
    const plain = model([
      lambdaCall('turn', 'reverse', { axis: [-1] }, 'image'),
      layer('Rescaling', 'centre', { scale: [1, 1], offset: [-0.25, 0.5] }, 'turn'),
    ]);
    await same(odd, plain, {});
  });

  it('may begin with a number', async () => {
    const odd = model([
      {
        ...lambdaCall('minus', 'math.subtract', {}),
        inbound_nodes: [['_CONSTANT_VALUE', -1, 2, { y: ['image', 0, 0], name: null }]],
      },
    ]);
    await same(odd, model([layer('Rescaling', 'minus', { scale: -1, offset: 2 }, 'image')]), {});
  });

  it('resize by the method that they name', async () => {
    for (const [method, interpolation] of [
      ['nearest', 'nearest'],
      ['bicubic', 'bicubic'],
      ['bilinear', 'bilinear'],
    ] as const) {
      await same(
        model([lambdaCall('size', 'image.resize', { size: [7, 9], method }, 'image')]),
        model([layer('Resizing', 'size', { height: 7, width: 9, interpolation }, 'image')]),
        {},
      );
    }
    const area = model([lambdaCall('size', 'image.resize', { size: [7, 9], method: 'area' }, 'image')]);
    const { detail } = await refused(outputOf(area, {}), 'config_malformed');
    expect(detail).to.match(/interpolation: expected one of .* found "area"/);
  });

  it('change colours', async () => {
    const grey = (name: string, ...inputs: string[]): Json =>
      layer('Conv2D', name, { ...CONV, filters: 1, kernel_size: [1, 1] }, ...inputs);
    const kernel = (name: string, channels: number, data: readonly number[]) => ({
      [name]: [
        {
          name: `${name}/kernel:0`,
          shape: [1, 1, channels, data.length / channels],
          data: Float32Array.from(data),
        },
      ],
    });
    const one = kernel('one', 2, [0.5, -0.75]);
    const luma = kernel('luma', 3, [0.2989, 0.587, 0.114]);
    const rgb = layer('Concatenate', 'rgb', { axis: -1 }, 'one', 'one', 'one');
    await same(
      model([
        grey('one', 'image'),
        lambdaCall('rgb', 'image.grayscale_to_rgb', {}, 'one'),
        lambdaCall('grey', 'image.rgb_to_grayscale', {}, 'rgb'),
      ]),
      model([grey('one', 'image'), rgb, grey('luma', 'rgb')]),
      { ...one, ...luma },
    );
  });

  it('go by the names of TensorFlow 1 where they took its functions', () =>
    same(
      model([
        lambdaCall('narrow', 'expand_dims', { axis: 3 }, 'image'),
        lambdaCall('wide', 'compat.v1.squeeze', { axis: [3], name: null }, 'narrow'),
        lambdaCall('soft', 'compat.v1.nn.softmax', { axis: -1 }, 'wide'),
      ]),
      model([layer('Softmax', 'soft', { axis: -1 }, 'image')]),
      {},
    ));

  it('standardise each picture', async () => {
    const output = await outputOf(
      model([lambdaCall('own', 'image.per_image_standardization', {}, 'image')]),
      {},
    );
    const mean = output.reduce((sum, value) => sum + value, 0) / output.length;
    const variance = output.reduce((sum, value) => sum + (value - mean) ** 2, 0) / output.length;
    expect(mean).to.be.closeTo(0, 1e-6);
    expect(variance).to.be.closeTo(1, 1e-5);
  });
});

describe('a Sequential of tf.keras without a shape', () => {
  const layers = [layer('Conv2D', 'conv', CONV), layer('ReLU', 'relu', {})];
  const written = (config: Json): Json => ({
    class_name: 'Sequential',
    config: { name: 's', layers, ...config },
  });

  it('has that of the first data it saw', () =>
    same(
      written({ build_input_shape: [32, 5, 5, 2] }),
      model([layer('Conv2D', 'conv', CONV, 'image'), layer('ReLU', 'relu', {}, 'conv')]),
    ));

  it('is refused where nothing tells it', async () => {
    const { detail, remedy } = await refused(outputOf(written({})), 'config_malformed');
    expect(detail).to.include('has no shape');
    expect(remedy).to.include('Input');
  });
});

describe('layers of other packages', () => {
  it('are those that AutoKeras puts around its own', () =>
    same(
      model([
        layer('Custom>CastToFloat32', 'cast', {}, 'image'),
        layer('Flatten', 'flat', {}, 'cast'),
        layer('Custom>ExpandLastDim', 'expand', {}, 'flat'),
        layer('Flatten', 'again', {}, 'expand'),
      ]),
      model([layer('Flatten', 'flat', {}, 'image')]),
      {},
    ));

  it('are those of TensorFlow Addons', async () => {
    const conv = layer('Conv2D', 'conv', { ...CONV, filters: 4 }, 'image');
    const parameters = {
      conv: [{ name: 'conv/kernel:0', shape: [2, 2, 2, 4] }],
      norm: ['gamma', 'beta'].map((name) => ({
        name: `norm/${name}:0`,
        shape: [4],
        data: Float32Array.of(1, 2, 0.5, 1.5),
      })),
    };
    const norm = (className: string, config: Json): Json =>
      model([conv, layer(className, 'norm', { axis: -1, epsilon: 1e-3, ...config }, 'conv')]);
    await same(
      norm('Addons>GroupNormalization', { groups: 2 }),
      norm('GroupNormalization', { groups: 2 }),
      parameters,
    );
    await same(
      norm('Addons>InstanceNormalization', { groups: -1 }),
      norm('GroupNormalization', { groups: 4 }),
      parameters,
    );
    await same(
      model([layer('Addons>GELU', 'bend', { approximate: false }, 'image')]),
      model([layer('Activation', 'bend', { activation: 'gelu' }, 'image')]),
      {},
    );
    await same(
      model([layer('Addons>StochasticDepth', 'sum', { survival_probability: 0.5 }, 'image', 'image')]),
      model([layer('Rescaling', 'sum', { scale: 1.5 }, 'image')]),
      {},
    );
  });

  it('are refused where they are not known', async () => {
    const { detail, remedy } = await refused(
      outputOf(model([layer('Addons>WeightNormalization', 'odd', {}, 'image')]), {}),
      'layer_unsupported',
    );
    expect(detail).to.match(/layer "odd".*Addons>WeightNormalization is a custom class/);
    expect(remedy).to.include('rebuild the model');
  });
});

describe('LocallyConnected layers', () => {
  const values = (length: number): Float32Array =>
    Float32Array.from({ length }, (_, at) => Math.cos(at * at));
  const at = (y: number, x: number, c: number): number => Math.sin(((y * 5 + x) * 2 + c) * 1.7);

  it('have a kernel for each place', async () => {
    const [kernel, bias] = [values(2 * 4 * 12 * 3), values(2 * 4 * 3)];
    const config = {
      filters: 3,
      kernel_size: [3, 2],
      strides: [2, 1],
      padding: 'valid',
      activation: 'linear',
      use_bias: true,
    };
    const output = await outputOf(model([layer('LocallyConnected2D', 'local', config, 'image')]), {
      local: [
        { name: 'local/kernel:0', shape: [8, 12, 3], data: kernel },
        { name: 'local/bias:0', shape: [2, 4, 3], data: bias },
      ],
    });
    const expected: number[] = [];
    for (let y = 0; y < 2; y++)
      for (let x = 0; x < 4; x++)
        for (let f = 0; f < 3; f++) {
          const place = y * 4 + x;
          let sum = bias[place * 3 + f] ?? NaN;
          for (let k = 0; k < 12; k++) {
            const [dy, dx, c] = [Math.floor(k / 4), Math.floor(k / 2) % 2, k % 2];
            sum += at(2 * y + dy, x + dx, c) * (kernel[(place * 12 + k) * 3 + f] ?? NaN);
          }
          expected.push(sum);
        }
    expect(output.length).to.equal(expected.length);
    expected.forEach((value, index) => expect(output[index]).to.be.closeTo(value, 1e-5));
  });

  it('read rows too, and refuse kernels kept in another way', async () => {
    const config = { filters: 3, kernel_size: [2], strides: [1], use_bias: false };
    const rows = layer('Reshape', 'rows', { target_shape: [5, 10] }, 'image');
    const kernel = values(4 * 20 * 3);
    const [first] = await outputOf(model([rows, layer('LocallyConnected1D', 'local', config, 'rows')]), {
      local: [{ name: 'local/kernel:0', shape: [4, 20, 3], data: kernel }],
    });
    let sum = 0;
    for (let k = 0; k < 20; k++) sum += Math.sin(k * 1.7) * (kernel[k * 3] ?? NaN);
    expect(first).to.be.closeTo(sum, 1e-5);
    const other = model([
      rows,
      layer('LocallyConnected1D', 'local', { ...config, implementation: 3 }, 'rows'),
    ]);
    const { detail } = await refused(outputOf(other, {}), 'config_malformed');
    expect(detail).to.include('implementation: expected 1');
  });
});

describe('recurrent layers of cuDNN', () => {
  const [UNITS, FEATURES] = [2, 10];
  const values = (length: number, seed: number): Float32Array =>
    Float32Array.from({ length }, (_, at) => Math.sin(at * at + seed));
  const rows = layer('Reshape', 'rows', { target_shape: [5, FEATURES] }, 'image');

  /** transform_kernels in Keras 2: np.hstack([func(k) for k in np.hsplit(kernels, gates)]). */
  const byGate = (
    kernel: Float32Array,
    gates: number,
    change: (block: number[][]) => number[][],
  ): Float32Array => {
    const columns = gates * UNITS;
    const result = new Float32Array(kernel.length);
    for (let gate = 0; gate < gates; gate++) {
      const block = Array.from({ length: kernel.length / columns }, (_, row) =>
        Array.from({ length: UNITS }, (__, column) => kernel[row * columns + gate * UNITS + column] ?? NaN),
      );
      change(block).forEach((line, row) => result.set(line, row * columns + gate * UNITS));
    }
    return result;
  };
  const transposed = (block: readonly number[][]): number[][] =>
    (block[0] ?? []).map((_, column) => block.map((line) => line[column] ?? NaN));
  /** kernel.T.reshape(kernel.shape, order='F') */
  const turned = (block: readonly number[][]): number[][] => {
    const flat = block.flat();
    return block.map((line, row) => line.map((_, column) => flat[column * block.length + row] ?? NaN));
  };

  for (const [old, modern, gates] of [
    ['CuDNNLSTM', 'LSTM', 4],
    ['CuDNNGRU', 'GRU', 3],
  ] as const) {
    it(`${old} has the weights of ${modern} in another order`, async () => {
      const columns = gates * UNITS;
      const [kernel, state, bias] = [
        values(FEATURES * columns, 1),
        values(UNITS * columns, 2),
        values(2 * columns, 3),
      ];
      const named = (
        data: readonly [Float32Array, Float32Array, Float32Array],
        biasShape: readonly number[],
      ) => ({
        rnn: [
          { name: 'rnn/kernel:0', shape: [FEATURES, columns], data: data[0] },
          { name: 'rnn/recurrent_kernel:0', shape: [UNITS, columns], data: data[1] },
          { name: 'rnn/bias:0', shape: biasShape, data: data[2] },
        ],
      });
      const summed = bias.slice(0, columns).map((value, at) => value + (bias[columns + at] ?? NaN));
      const config = { units: UNITS, return_sequences: true };
      const gpu = await outputOf(
        model([rows, layer(old, 'rnn', config, 'rows')]),
        named([kernel, state, bias], [2 * columns]),
      );
      const plain = await outputOf(
        model([
          rows,
          layer(
            modern,
            'rnn',
            { ...config, activation: 'tanh', recurrent_activation: 'sigmoid', reset_after: true },
            'rows',
          ),
        ]),
        named(
          [byGate(kernel, gates, turned), byGate(state, gates, transposed), gates === 4 ? summed : bias],
          gates === 4 ? [columns] : [2, columns],
        ),
      );
      expect(Math.max(...plain.map(Math.abs))).to.be.above(1e-2);
      plain.forEach((value, at) => expect(gpu[at]).to.be.closeTo(value, 1e-6));
    });
  }

  it('take no more steps than can be unrolled', async () => {
    const long = {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, 5000, 1] } },
          layer('LSTM', 'rnn', { units: 1, activation: 'tanh', recurrent_activation: 'sigmoid' }),
        ],
      },
    };
    const { detail, remedy } = await refused(outputOf(long, {}), 'model_too_large');
    expect(detail).to.match(/layer "rnn" \(LSTM\) takes 5000 steps; at most 1024/);
    expect(remedy).to.include('pool or reshape');
  });
});

describe('Keras 3', () => {
  it('writes inputs and outputs by name where the model has them so', async () => {
    const layers = [layer('Conv2D', 'conv', CONV, 'image'), layer('ReLU', 'relu', {}, 'conv')];
    const named = model(layers, {
      input_layers: { picture: ['image', 0, 0] },
      output_layers: { first: ['conv', 0, 0], second: ['relu', 0, 0] },
    });
    await same(named, model(layers, { output_layers: [['conv', 0, 0]] }));
  });
});
