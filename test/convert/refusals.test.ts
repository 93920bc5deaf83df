// What is no checkpoint, a damaged one, or one that means harm: each ends in its own error, which names the place, in
// bounded time and memory.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { AppError } from '../../src/errors/app-error.js';
import type { ErrorCode } from '../../src/errors/catalogue.js';
import { Converter } from '../helpers/conversion.js';
import {
  denseConfig,
  denseWeights,
  hdf5,
  legacyH5,
  smallH5,
  smallKeras,
  stateWeights,
  zip,
} from '../helpers/keras-files.js';

const MAX_MS = 15_000;
const MAX_MEGABYTES = 800;

type Content = Buffer | string;

interface Row {
  readonly title: string;
  readonly code: ErrorCode;
  /** What the detail must say. */
  readonly says: RegExp;
  readonly file?: string;
  readonly content: () => Promise<Content> | Content;
}

const layers = (...more: object[]): object => {
  const { config, ...rest } = denseConfig();
  return { ...rest, config: { ...config, layers: [...config.layers.slice(0, 2), ...more] } };
};
const layer = (className: string, config: object, more: object = {}): object => ({
  class_name: className,
  config: { name: 'odd', ...config },
  ...more,
});
const withDense = (dense: object) => () => smallH5(denseConfig(dense));
const withLayer =
  (className: string, config: object = {}, more: object = {}) =>
  () =>
    smallH5(layers(layer(className, config, more)));
const onPicture =
  (className: string, config: object, size: readonly number[] = [2, 2, 1]) =>
  () =>
    smallH5({
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          layer('InputLayer', { name: 'image', batch_shape: [null, ...size] }),
          layer(className, config),
        ],
      },
    });
const withConvolution = (config: object) =>
  onPicture('Conv2D', { filters: 3, kernel_size: [1, 1], ...config });
const hostile = (name: string) => () => readFile(`test/fixtures/hostile/${name}.h5`);

/** A call by position, as Keras 2 writes it. */
const call = (...from: string[]): unknown[] => [from.map((name) => [name, 0, 0, {}])];
const functional = (middle: object[], output = 'dense'): object => ({
  class_name: 'Functional',
  config: {
    name: 'small',
    layers: [
      layer(
        'InputLayer',
        { name: 'image', batch_shape: [null, 2, 2, 1] },
        { name: 'image', inbound_nodes: [] },
      ),
      ...middle,
    ],
    input_layers: [['image', 0, 0]],
    output_layers: [[output, 0, 0]],
  },
});

const rows: readonly Row[] = [
  // Not a checkpoint
  { title: 'an empty file', code: 'checkpoint_not_hdf5', says: /is empty/, content: () => '' },
  {
    title: 'a web page',
    code: 'checkpoint_not_hdf5',
    says: /HTML/,
    content: () => '\n<!DOCTYPE html><html><body>Sign in to download',
  },
  {
    title: 'a Git LFS pointer',
    code: 'checkpoint_not_hdf5',
    says: /Git LFS pointer/,
    content: () =>
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n',
  },
  {
    title: 'another magic',
    code: 'checkpoint_not_hdf5',
    says: /begins with the bytes 7f454c46/,
    content: () => Buffer.from('7f454c4602010100', 'hex'),
  },
  {
    title: 'a model of TensorFlow Lite',
    code: 'checkpoint_not_hdf5',
    says: /TensorFlow Lite/,
    content: () => Buffer.from('\u001c\0\0\0TFL3\u0014\0', 'latin1'),
  },
  {
    title: 'a pickle',
    code: 'checkpoint_not_hdf5',
    says: /Python pickle, which is never loaded/,
    content: () => Buffer.from('8004958c0100000000000000', 'hex'),
  },
  {
    title: 'an ONNX model',
    code: 'checkpoint_not_hdf5',
    says: /ONNX/,
    content: () => Buffer.from('08071207707974', 'hex'),
  },
  {
    title: 'an archive of another kind',
    code: 'checkpoint_not_hdf5',
    says: /archive \(unpack it first\)/,
    content: () => Buffer.from('Rar!\u001a\u0007', 'latin1'),
  },
  {
    title: 'an architecture alone',
    code: 'checkpoint_unsupported',
    says: /JSON/,
    content: () => JSON.stringify(denseConfig()),
  },
  {
    title: 'a zip of something else',
    code: 'checkpoint_not_hdf5',
    says: /not of Keras.*holiday\.jpg/,
    content: () => zip([{ name: 'holiday.jpg', data: 'x' }]),
  },
  {
    title: 'HDF5 of something else',
    code: 'checkpoint_unsupported',
    says: /not of Keras.*temperature/,
    content: () => hdf5((file) => file.create_group('temperature')),
  },
  {
    title: 'weights without an architecture',
    code: 'checkpoint_unsupported',
    says: /weights only/,
    content: () => legacyH5({ weights: { dense: denseWeights } }),
  },

  // Weights that are not there, or not of this model
  {
    title: 'a layer without its weights',
    code: 'weights_missing',
    says: /layer "dense"/,
    content: () => legacyH5({ config: denseConfig(), weights: {} }),
  },
  {
    title: 'a layer with a weight less',
    code: 'weights_missing',
    says: /has 2 weights, the checkpoint holds 1/,
    content: () => legacyH5({ config: denseConfig(), weights: { dense: denseWeights.slice(0, 1) } }),
  },
  {
    title: 'a weight of another shape',
    code: 'weights_mismatch',
    says: /dense\/kernel: the architecture wants \[4, 5\], the checkpoint holds \[4, 3\]/,
    content: withDense({ units: 5 }),
  },
  {
    title: '.keras without its weights',
    code: 'weights_missing',
    says: /no model\.weights\.h5/,
    content: () => zip([{ name: 'config.json', data: JSON.stringify(denseConfig()) }]),
  },
  {
    title: '.keras with a layer more than its weights',
    code: 'weights_missing',
    says: /more\/kernel/,
    content: () =>
      smallKeras(
        layers(
          layer('Dense', { name: 'dense', units: 3 }),
          layer('Dense', { name: 'more', units: 3, activation: 'softmax' }),
        ),
      ),
  },
  {
    title: '.keras with a weight of another shape',
    code: 'weights_mismatch',
    says: /wants \[4, 7\]/,
    content: () => smallKeras(denseConfig({ units: 7 })),
  },

  // Layers and models that are not converted
  {
    title: 'an unknown layer',
    code: 'layer_unsupported',
    says: /layer "odd" \(Wormhole\)/,
    content: withLayer('Wormhole'),
  },
  {
    title: 'a custom layer registered under its package',
    code: 'layer_unsupported',
    says: /Shop>Squeeze/,
    content: withLayer('Shop>Squeeze', {}, { registered_name: 'Shop>Squeeze' }),
  },
  {
    title: 'a custom layer that is named as one of Keras',
    code: 'layer_unsupported',
    says: /Shop>Dense/,
    content: withLayer('Dense', { units: 3 }, { module: 'shop.layers', registered_name: 'Shop>Dense' }),
  },
  {
    title: 'a Lambda with Python bytecode',
    code: 'layer_unsupported',
    says: /layer "odd" \(Lambda\).*bytecode, which is never run/,
    content: withLayer('Lambda', { function: ['4wEAAAAAAAAA', null, null], function_type: 'lambda' }),
  },
  {
    title: 'an activation with Python bytecode',
    code: 'layer_unsupported',
    says: /layer "dense".*its activation is Python bytecode/,
    content: withDense({ activation: { value: ['4wEAAAAAAAAA', null, null] } }),
  },
  {
    title: 'an activation with Python bytecode, as Keras 3 wrote it at first',
    code: 'layer_unsupported',
    says: /layer "dense".*its activation is Python bytecode/,
    content: withDense({ activation: { class_name: '__lambda__', config: { code: '4wEAAAAAAAAA' } } }),
  },
  {
    title: 'a Lambda of Keras 3',
    code: 'layer_unsupported',
    says: /bytecode, which is never run/,
    content: () =>
      smallKeras(
        layers(layer('Lambda', { function: { class_name: '__lambda__', config: { code: '4wEAAAAAAAAA' } } })),
      ),
  },
  {
    title: 'a subclassed model',
    code: 'checkpoint_unsupported',
    says: /class Shop>Classifier/,
    content: () =>
      smallKeras({
        module: 'shop',
        class_name: 'Classifier',
        config: {},
        registered_name: 'Shop>Classifier',
      }),
  },
  {
    title: 'a model class that is named as one of Keras',
    code: 'checkpoint_unsupported',
    says: /Shop>Functional/,
    content: () =>
      smallKeras({
        ...denseConfig(),
        class_name: 'Functional',
        module: 'shop',
        registered_name: 'Shop>Functional',
      }),
  },
  {
    title: 'a quantised layer',
    code: 'layer_unsupported',
    says: /int8/,
    content: withDense({
      dtype: { class_name: 'QuantizedDTypePolicy', config: { mode: 'int8', source_name: 'float32' } },
    }),
  },

  // Architectures that are malformed
  {
    title: 'a config that is not JSON',
    code: 'config_malformed',
    says: /not JSON/,
    content: () => smallH5('{"class_name": "Sequential", '),
  },
  {
    title: 'a config that is a number',
    code: 'config_malformed',
    says: /class_name/,
    content: () => smallH5('17'),
  },
  {
    title: 'a config without layers',
    code: 'config_malformed',
    says: /no layers/,
    content: () => smallH5({ class_name: 'Sequential', config: { name: 'x', layers: [] } }),
  },
  {
    title: 'layers that are null',
    code: 'config_malformed',
    says: /class_name/,
    content: () => smallH5({ class_name: 'Sequential', config: { name: 'x', layers: [null] } }),
  },
  {
    title: 'layers in a circle',
    code: 'config_malformed',
    says: /circle: .*one/,
    content: () =>
      smallH5(
        functional(
          [
            layer('ReLU', { name: 'one' }, { name: 'one', inbound_nodes: call('two') }),
            layer('ReLU', { name: 'two' }, { name: 'two', inbound_nodes: call('one') }),
          ],
          'two',
        ),
      ),
  },
  {
    title: 'a layer that is its own input',
    code: 'config_malformed',
    says: /circle: one/,
    content: () =>
      smallH5(
        functional([layer('ReLU', { name: 'one' }, { name: 'one', inbound_nodes: call('one') })], 'one'),
      ),
  },
  {
    title: 'an input that does not exist',
    code: 'config_malformed',
    says: /"nowhere"/,
    content: () =>
      smallH5(
        functional([layer('ReLU', { name: 'one' }, { name: 'one', inbound_nodes: call('nowhere') })], 'one'),
      ),
  },
  {
    title: 'an output that does not exist',
    code: 'config_malformed',
    says: /"nowhere"/,
    content: () => smallH5(functional([], 'nowhere')),
  },
  {
    title: 'an output called __proto__',
    code: 'config_malformed',
    says: /"__proto__"/,
    content: () => smallH5(functional([], '__proto__')),
  },
  {
    title: 'two layers of one name',
    code: 'config_malformed',
    says: /two layers.*"flatten"/,
    content: () => smallH5(layers(layer('Dense', { name: 'flatten', units: 3 }))),
  },

  // Sizes that nobody has the memory for
  {
    title: 'a million million parameters',
    code: 'config_malformed',
    says: /units: expected a whole number, found 250000000000/,
    content: withDense({ units: 250_000_000_000 }),
  },
  {
    title: 'a thousand million parameters',
    code: 'model_too_large',
    says: /dense\/kernel/,
    content: withDense({ units: 250_000_001 }),
  },
  {
    title: '1e15 units',
    code: 'config_malformed',
    says: /layer "dense".*units/,
    content: withDense({ units: 1e15 }),
  },
  {
    title: '1e308 units',
    code: 'config_malformed',
    says: /layer "dense".*units/,
    content: withDense({ units: 1e308 }),
  },
  {
    title: 'negative units',
    code: 'config_malformed',
    says: /dense\/kernel: no weight has the shape \[4, -3\]/,
    content: withDense({ units: -3 }),
  },
  {
    title: 'no units',
    code: 'config_malformed',
    says: /dense\/kernel: no weight has the shape \[4, 0\]/,
    content: withDense({ units: 0 }),
  },
  {
    title: 'a fraction of a unit',
    code: 'config_malformed',
    says: /layer "dense".*units/,
    content: withDense({ units: 2.5 }),
  },
  {
    title: 'NaN units',
    code: 'config_malformed',
    says: /layer "dense".*units: expected a whole number, found nothing/,
    content: () => smallH5(JSON.stringify(denseConfig({ units: -7 })).replace('-7', 'NaN')),
  },
  {
    title: 'units as a text',
    code: 'config_malformed',
    says: /units: expected/,
    content: withDense({ units: '3' }),
  },
  {
    title: 'a kernel of 1e9 by 1e9',
    code: 'model_too_large',
    says: /odd\/kernel/,
    content: withConvolution({ kernel_size: [1e9, 1e9] }),
  },
  {
    title: 'a kernel of 1e9 by 1e9 that is padded',
    code: 'model_too_large',
    says: /odd\/kernel/,
    content: withConvolution({ kernel_size: [1e9, 1e9], padding: 'same' }),
  },
  {
    title: 'a kernel of nothing',
    code: 'config_malformed',
    says: /odd\/kernel: no weight has/,
    content: withConvolution({ kernel_size: [0, 0] }),
  },
  {
    title: 'a kernel of less than nothing',
    code: 'config_malformed',
    says: /odd\/kernel: no weight has/,
    content: withConvolution({ kernel_size: [-1, -1] }),
  },
  {
    title: 'strides of zero',
    code: 'config_malformed',
    says: /layer "odd"/,
    content: withConvolution({ strides: [0, 0] }),
  },
  {
    title: 'strides of 1e300',
    code: 'config_malformed',
    says: /layer "odd".*strides/,
    content: withConvolution({ strides: [1e300, 1e300] }),
  },
  {
    title: 'a picture of a million by a million',
    code: 'model_too_large',
    says: /the input .*1000000, 1000000/,
    content: () => smallH5(denseConfig({}, { batch_shape: [null, 1e6, 1e6, 1] })),
  },
  {
    title: 'a picture of nothing',
    code: 'config_malformed',
    says: /batch_shape/,
    content: () => smallH5(denseConfig({}, { batch_shape: [null, 0, 2, 1] })),
  },
  {
    title: 'a picture of a negative height',
    code: 'config_malformed',
    says: /batch_shape/,
    content: () => smallH5(denseConfig({}, { batch_shape: [null, -2, 2, 1] })),
  },
  {
    title: 'a picture of 40 axes',
    code: 'not_a_classifier',
    says: /picture/,
    content: () => smallH5(denseConfig({}, { batch_shape: [null, ...Array<number>(40).fill(2)] })),
  },
  {
    title: 'a class for each place of a picture',
    code: 'not_a_classifier',
    says: /ends in 2 x 2 x 3 numbers: classes of many places/,
    content: onPicture('Activation', { activation: 'softmax' }, [2, 2, 3]),
  },
  {
    title: 'padding of 1e9',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: onPicture('ZeroPadding2D', { padding: 1e9 }),
  },
  {
    title: 'upsampling by 1e6',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: onPicture('UpSampling2D', { size: [1e6, 1e6] }),
  },
  {
    title: 'smooth upsampling by 1e6',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: onPicture('UpSampling2D', { size: [1e6, 1e6], interpolation: 'bilinear' }),
  },
  {
    title: 'resizing to 2e9',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: onPicture('Resizing', { height: 2e9, width: 2e9 }),
  },
  {
    title: 'antialiased resizing to 2e9',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: onPicture('Resizing', { height: 2e9, width: 2, antialias: true }),
  },
  {
    title: 'resizing to nothing',
    code: 'config_malformed',
    says: /layer "odd"/,
    content: onPicture('Resizing', { height: 0, width: -1 }),
  },
  {
    title: 'a transposed stride of 2e9',
    code: 'model_too_large',
    says: /layer "odd"|odd\/kernel/,
    content: onPicture('Conv2DTranspose', { filters: 3, kernel_size: 3, strides: 2e9 }),
  },
  {
    title: 'a depthwise convolution with a stride for each direction, which TensorFlow does not have',
    code: 'config_malformed',
    says: /layer "odd".*strides/,
    content: onPicture('DepthwiseConv2D', { kernel_size: 2, strides: [1, 2] }),
  },
  {
    title: 'a pool of 2e9',
    code: 'config_malformed',
    says: /layer "odd"/,
    content: onPicture('MaxPooling2D', { pool_size: 2e9 }),
  },
  {
    title: 'a crop of more than there is',
    code: 'config_malformed',
    says: /layer "odd"/,
    content: onPicture('Cropping2D', { cropping: 5 }),
  },
  {
    title: 'a reshape to another number',
    code: 'config_malformed',
    says: /layer "odd"/,
    content: onPicture('Reshape', { target_shape: [1e9, 1e9] }),
  },
  {
    title: 'a vector repeated 1e9 times',
    code: 'model_too_large',
    says: /layer "odd"/,
    content: withLayer('RepeatVector', { n: 1e9 }),
  },

  {
    title: 'weights that are no numbers',
    code: 'checkpoint_damaged',
    says: /dense\/kernel holds NaN/,
    content: () =>
      legacyH5({
        config: denseConfig(),
        weights: {
          dense: [
            { name: 'dense/kernel:0', shape: [4, 3], data: new Float32Array(12).fill(NaN) },
            ...denseWeights.slice(1),
          ],
        },
      }),
  },
  {
    title: 'one weight that is no number, the last of three',
    code: 'checkpoint_damaged',
    says: /dense\/bias holds NaN/,
    content: () =>
      legacyH5({
        config: denseConfig(),
        weights: {
          dense: [
            ...denseWeights.slice(0, 1),
            { name: 'dense/bias:0', shape: [3], data: Float32Array.of(1, Infinity, NaN) },
          ],
        },
      }),
  },

  // Structures without end
  {
    title: 'JSON 100,000 lists deep',
    code: 'config_malformed',
    says: /class_name/,
    content: () => smallKeras('['.repeat(100_000) + ']'.repeat(100_000)),
  },
  {
    title: 'an option 100,000 objects deep',
    code: 'config_malformed',
    says: /layer "dense"/,
    content: () =>
      smallKeras(
        JSON.stringify(denseConfig({ units: 'deep' })).replace(
          '"deep"',
          '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000),
        ),
      ),
  },
  {
    title: 'lists left open',
    code: 'config_malformed',
    says: /not JSON/,
    content: () => smallKeras('['.repeat(1_000_000)),
  },
  {
    title: 'models 100 deep',
    code: 'config_malformed',
    says: /nested more than/,
    content: () =>
      smallKeras(
        Array.from({ length: 100 }).reduce<object>(
          (inner) => ({ class_name: 'Sequential', config: { name: 'm', layers: [inner] } }),
          denseConfig(),
        ),
      ),
  },
  {
    title: 'a million layers',
    code: 'config_malformed',
    says: /1000000 layers/,
    content: () =>
      smallKeras(`{"class_name":"Sequential","config":{"name":"m","layers":[${'{},'.repeat(999_999)}{}]}}`),
  },
  {
    title: 'models of models of models with 37,448 layers',
    code: 'config_malformed',
    says: /37448 layers/,
    content: () => smallKeras(wide(4)),
  },
  {
    title: 'models that call models eight times each, 14 deep',
    code: 'model_too_large',
    says: /more than 200,000 operations/,
    content: () => smallKeras(callsOfCalls(14)),
  },
  {
    title: 'a hundred recurrent layers of 1,024 steps',
    code: 'model_too_large',
    says: /more than 200,000 operations/,
    content: () => smallH5(recurrences(100)),
  },
  {
    title: 'attention between 65,536 places',
    code: 'model_too_large',
    says: /layer "odd".*\[batch, 1, 65536, 65536\]/,
    content: () =>
      smallH5(
        functional(
          [
            layer('UpSampling2D', { name: 'up', size: 128 }, { name: 'up', inbound_nodes: call('image') }),
            layer(
              'MultiHeadAttention',
              { num_heads: 1, key_dim: 1 },
              { name: 'odd', inbound_nodes: [[['up', 0, 0, { value: ['up', 0, 0] }]]] },
            ),
          ],
          'odd',
        ),
      ),
  },
  {
    title: 'a transposed convolution dilated by 1e6',
    code: 'model_too_large',
    says: /layer "odd"|odd\//,
    content: onPicture('Conv2DTranspose', { filters: 3, kernel_size: 2, dilation_rate: 1e6 }),
  },
  {
    title: 'a recurrent layer of less than nothing',
    code: 'config_malformed',
    says: /odd\/lstm_cell\/kernel: no weight has the shape/,
    content: onPicture('LSTM', { units: -1 }, [2, 2]),
  },
  {
    title: 'wrappers 1,000 deep',
    code: 'config_malformed',
    says: /wrapped more than 8 deep/,
    content: () =>
      smallKeras(
        layers(
          Array.from({ length: 1000 }).reduce<object>(
            (inner) => layer('TimeDistributed', { layer: inner }),
            layer('ReLU', {}),
          ),
        ),
      ),
  },

  // Names
  {
    title: 'a name of a megabyte',
    code: 'config_malformed',
    says: /longer than/,
    content: () => smallKeras(denseConfig({ name: 'n'.repeat(1_000_000) })),
  },
  {
    title: 'a class called constructor',
    code: 'layer_unsupported',
    says: /constructor/,
    content: withLayer('constructor'),
  },
  {
    title: 'an activation called __proto__',
    code: 'layer_unsupported',
    says: /__proto__/,
    content: withDense({ activation: '__proto__' }),
  },

  // Zips
  {
    title: 'an entry with a way up',
    code: 'checkpoint_damaged',
    says: /\.\.\/\.\.\/etc\/passwd/,
    content: async () => zip([{ name: '../../etc/passwd', data: 'x' }, ...(await parts())]),
  },
  {
    title: 'an entry with an absolute name',
    code: 'checkpoint_damaged',
    says: /absolute path/,
    content: async () => zip([{ name: '/etc/passwd', data: 'x' }, ...(await parts())]),
  },
  {
    title: 'an encrypted entry',
    code: 'checkpoint_unsupported',
    says: /encrypted/,
    content: () => smallKeras(denseConfig(), { flags: 0x801, deflate: true }),
  },
  {
    title: 'a name twice',
    code: 'checkpoint_unsafe',
    says: /config\.json twice/,
    content: async () => zip([...(await parts()), { name: 'config.json', data: '{}' }]),
  },
  {
    title: 'a config that claims a gigabyte',
    code: 'checkpoint_unsafe',
    says: /config\.json claims 1000000000 bytes/,
    content: async () =>
      zip([
        { name: 'config.json', data: '{}', deflate: true, claims: { size: 1_000_000_000 } },
        ...(await parts()).slice(1),
      ]),
  },
  {
    title: 'a config that unpacks to more than it claims',
    code: 'checkpoint_damaged',
    says: /too many bytes|checksum/,
    content: async () =>
      zip([
        { name: 'config.json', data: ' '.repeat(10_000_000), deflate: true, claims: { size: 100 } },
        ...(await parts()).slice(1),
      ]),
  },
  {
    title: 'weights that are a bomb',
    code: 'checkpoint_unsafe',
    says: /model\.weights\.h5 claims 300000000 bytes, packed into/,
    content: async () =>
      zip([
        ...(await parts()).slice(0, 1),
        { name: 'model.weights.h5', data: Buffer.alloc(300_000_000), deflate: true },
      ]),
  },
  {
    title: '2,000 entries',
    code: 'checkpoint_unsafe',
    says: /2000 entries/,
    content: () => zip(Array.from({ length: 2000 }, (_, at) => ({ name: `a${at}`, data: '' }))),
  },
  {
    title: 'weights whose checksum is another',
    code: 'checkpoint_damaged',
    says: /model\.weights\.h5 does not match its checksum/,
    content: () => smallKeras(denseConfig(), { claims: { crc: 1 } }),
  },
  {
    title: 'weights that are no HDF5',
    code: 'checkpoint_damaged',
    says: /model\.weights\.h5.*cannot be read/,
    content: () => smallKeras(denseConfig(), { data: 'no weights' }),
  },

  // HDF5 that leads elsewhere, or claims what it does not hold
  {
    title: 'an external link to the weights',
    code: 'checkpoint_unsafe',
    says: /model_weights\/dense is a link into another file \(\/etc\/other\.h5\)/,
    content: () => linked((root) => root.create_external_link('/etc/other.h5', '/dense', 'dense')),
  },
  {
    title: 'a link that points to itself',
    code: 'checkpoint_damaged',
    says: /model_weights\/dense cannot be read/,
    content: () => linked((root) => root.create_soft_link('/model_weights/dense', 'dense')),
  },
  {
    title: 'values in another file',
    code: 'checkpoint_damaged',
    says: /kernel:0.*another file/,
    content: hostile('external-data'),
  },
  {
    title: 'a virtual dataset',
    code: 'checkpoint_unsafe',
    says: /kernel:0 is virtual/,
    content: hostile('virtual'),
  },
  {
    title: 'a filter that is not known',
    code: 'checkpoint_unsupported',
    says: /kernel:0 is compressed by "lzf"/,
    content: hostile('lzf'),
  },
  {
    title: 'a dataset of 4 TB without a byte stored',
    code: 'weights_mismatch',
    says: /holds \[1000000, 1000000\]/,
    content: hostile('fill-value'),
  },
  {
    title: 'a dataset as large as asked for, without a byte stored',
    code: 'checkpoint_unsafe',
    says: /claims 40000000 bytes; the file has 9296/,
    content: hostile('fitting-fill-value'),
  },
  {
    title: 'a chunk of 2 GB',
    code: 'checkpoint_unsafe',
    says: /claims 2147483648 bytes/,
    content: hostile('large-chunk'),
  },
  {
    title: 'a wrong checksum in HDF5',
    code: 'checkpoint_damaged',
    says: /kernel:0 cannot be read/,
    content: hostile('bad-checksum'),
  },
  { title: 'groups in a circle', code: 'checkpoint_unsafe', says: /circles/, content: circle },
];

/** Models of 8 models of 8 models: more layers than anyone has, though no list is long. */
function wide(depth: number, name = 'm'): object {
  const inner = (at: number): object =>
    depth === 0 ? layer('ReLU', { name: `${name}${at}` }) : wide(depth - 1, `${name}${at}`);
  return {
    class_name: 'Sequential',
    config: { name, layers: Array.from({ length: 8 }, (_, at) => inner(at)) },
  };
}

/** A model that calls another one eight times after each other, that calls another one ... and in the end nothing. */
function callsOfCalls(depth: number): object {
  const image = layer(
    'InputLayer',
    { name: 'image', batch_shape: [null, 2, 2, 1] },
    { name: 'image', inbound_nodes: [] },
  );
  const inner =
    depth === 0
      ? layer('Dropout', { name: 'inner' })
      : (callsOfCalls(depth - 1) as { class_name: string; config: object });
  const calls = Array.from({ length: 8 }, (_, at) => [
    [at === 0 ? 'image' : 'inner', Math.max(0, at - 1), 0, {}],
  ]);
  return {
    class_name: 'Functional',
    config: {
      name: 'inner',
      layers: [image, { ...inner, name: 'inner', inbound_nodes: calls }],
      input_layers: [['image', 0, 0]],
      output_layers: [['inner', 7, 0]],
    },
  };
}

const recurrences = (count: number): object => ({
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [
      layer('InputLayer', { name: 'image', batch_shape: [null, 1024, 1] }),
      ...Array.from({ length: count }, (_, at) =>
        layer('LSTM', {
          name: `rnn_${at}`,
          units: 1,
          activation: 'tanh',
          recurrent_activation: 'sigmoid',
          return_sequences: true,
        }),
      ),
    ],
  },
});

const parts = async () => [
  { name: 'config.json', data: JSON.stringify(denseConfig()) },
  { name: 'model.weights.h5', data: await stateWeights() },
];

type Root = Parameters<Parameters<typeof hdf5>[0]>[0];

const linked = (
  link: (root: Pick<Root, 'create_external_link' | 'create_soft_link'>) => void,
): Promise<Buffer> =>
  hdf5((file) => {
    file.create_attribute('model_config', JSON.stringify(denseConfig()));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', ['dense'], [1], 'S8');
    link(root);
  });

async function circle(): Promise<Buffer> {
  const weights = await hdf5((file) => {
    const group = file.create_group('layers');
    group.create_hard_link('/layers', 'again');
    group.create_hard_link('/layers', 'and_again');
  });
  return smallKeras(denseConfig(), { data: weights });
}

describe('refusals', () => {
  let converter: Converter;

  before(async () => {
    converter = await Converter.start(MAX_MS);
  });

  after(() => converter.close());

  for (const { title, code, says, content } of rows) {
    it(`${title}: ${code}`, async () => {
      const file = await converter.write('model.h5', await content());
      const { outcome, ms, megabytes } = await converter.attempt(file);
      if (!(outcome instanceof AppError)) throw new Error(`it was converted: ${JSON.stringify(outcome)}`);
      expect(outcome.code, outcome.detail.slice(0, 500)).to.equal(code);
      expect(outcome.detail).to.match(says);
      expect(outcome.detail.length, 'length of the detail').to.be.below(2000);
      expect(outcome.remedy).to.not.equal('');
      expect(ms, 'milliseconds').to.be.below(MAX_MS);
      expect(megabytes, 'megabytes').to.be.below(MAX_MEGABYTES);
    });
  }

  for (const name of ['den\0se', '__proto__', '../../etc/passwd', 'a/b', 'Größe 中文 😀', '\u001b[2J', ' ']) {
    it(`a layer called ${JSON.stringify(name)} is converted`, async () => {
      const files = [
        await smallH5(denseConfig({ name })),
        await smallKeras(denseConfig({ name })),
        await legacyH5({
          config: denseConfig({ name }),
          weights: { [name.replaceAll('\0', '')]: denseWeights },
        }),
      ];
      for (const content of files) {
        const { outcome } = await converter.attempt(await converter.write('model.h5', content));
        expect(outcome).to.include({ totalParameters: 15 });
      }
    });
  }

  it('reads the numbers that Python writes and JSON does not have', async () => {
    const config = JSON.stringify(denseConfig({ name: 'NaN "Infinity\\\\', dropped: 'x', limit: 'y' }));
    const written = config.replace('"x"', 'NaN').replace('"y"', '-Infinity');
    const { outcome } = await converter.attempt(await converter.write('model.h5', await smallH5(written)));
    expect(outcome).to.include({ totalParameters: 15 });
  });

  it('still converts a good file after all of these', async () => {
    for (const content of [await smallH5(), await smallKeras()]) {
      const { outcome } = await converter.attempt(await converter.write('model.h5', content));
      expect(outcome).to.include({ totalParameters: 15 });
    }
  });
});
