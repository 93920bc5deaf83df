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
