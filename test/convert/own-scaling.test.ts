// Whether a model wants pixels as they are: by what its first layer does with them.
import { expect } from 'chai';
import { startsWithScaling } from '../../src/convert/keras/own-scaling.js';
import { readArchitecture } from '../../src/convert/keras/read-architecture.js';

type Json = Readonly<Record<string, unknown>>;

const PIXELS: Json = { class_name: '__keras_tensor__', config: { keras_history: ['image', 0, 0] } };

/** Keras 3 with its module in `.keras` files, and without it in `.h5` files. */
const keras3 = (className: string, args: readonly unknown[], module?: string, config: Json = {}): Json => ({
  ...(module === undefined ? {} : { module }),
  class_name: className,
  name: 'first',
  config: { name: 'first', ...config },
  inbound_nodes: [{ args, kwargs: {} }],
});
const keras2 = (fn: string, kwargs: Json): Json => ({
  class_name: 'TFOpLambda',
  name: 'first',
  config: { name: 'first', trainable: true, dtype: 'float32', function: fn },
  inbound_nodes: [['image', 0, 0, kwargs]],
});
const tensorflow = (op: string, constants: Json): Json => ({
  class_name: 'TensorFlowOpLayer',
  name: 'first',
  config: { name: 'first', trainable: true, dtype: 'float32', node_def: { name: 'first', op }, constants },
  inbound_nodes: [[['image', 0, 0, {}]]],
});
const layer = (className: string, config: Json): Json => ({
  class_name: className,
  name: 'first',
  config: { name: 'first', trainable: true, dtype: 'float32', ...config },
  inbound_nodes: [[['image', 0, 0, {}]]],
});
const numpy = (value: unknown): Json => ({ class_name: '__numpy__', config: { value, dtype: 'float32' } });

const scales = (first: Json, ...more: readonly Json[]): boolean =>
  startsWithScaling(
    readArchitecture({
      class_name: 'Functional',
      config: {
        name: 'model',
        layers: [
          {
            class_name: 'InputLayer',
            name: 'image',
            config: { name: 'image', batch_shape: [null, 8, 8, 3] },
            inbound_nodes: [],
          },
          first,
          ...more,
        ],
        input_layers: [['image', 0, 0]],
        output_layers: [['first', 0, 0]],
      },
    }),
  );

describe('a model scales pixels itself', () => {
  const NUMPY = 'keras.src.ops.numpy';
  const yes: Record<string, Json> = {
    'x / 255 of Keras 3': keras3('TrueDivide', [PIXELS, 255], NUMPY),
    'ops.divide in a .h5': keras3('Divide', [PIXELS, 127.5]),
    'x * (1 / 127.5)': keras3('Multiply', [PIXELS, 0.00784], NUMPY),
    'x - 127.5': keras3('Subtract', [PIXELS, 127.5], NUMPY),
    'x - means': keras3('Subtract', [PIXELS, numpy([103.9, 116.8, 123.7])], NUMPY),
    'x - means, with axes before': keras3('Subtract', [PIXELS, numpy([[[[103.9, 116.8, 123.7]]]])], NUMPY),
    'x / 255 of tf.keras 2.4': keras2('math.truediv', { y: 255, name: null }),
    'x / 127.5, as Python divides': keras2('__operators__.truediv', { y: 127.5 }),
    'bias_add of means': keras2('nn.bias_add', { bias: [-103.9, -116.8, -123.7], data_format: 'NHWC' }),
    'x / 127.5 of tf.keras 2.0': tensorflow('RealDiv', { 1: 127.5 }),
    'Rescaling to 0..1': layer('Rescaling', { scale: 1 / 255, offset: 0 }),
    'Rescaling to -1..1': layer('Rescaling', { scale: 1 / 127.5, offset: -1 }),
    'Rescaling by channels': layer('Rescaling', { scale: [0.017, 0.0175, 0.0174], offset: 0 }),
    'Rescaling that takes means away': layer('Rescaling', { scale: 1, offset: -127.5 }),
    'Rescaling by nothing': layer('Rescaling', { scale: 1, offset: 0 }),
    Normalization: layer('Normalization', { axis: -1 }),
  };
  for (const [what, first] of Object.entries(yes))
    it(`by ${what}`, () => expect(scales(first)).to.equal(true));

  it('behind a cast', () => {
    const cast = keras3('Cast', [PIXELS], undefined, { dtype: 'float32' });
    const from = { ...PIXELS, config: { keras_history: ['first', 0, 0] } };
    expect(scales(cast, { ...keras3('TrueDivide', [from, 255], NUMPY), name: 'next' })).to.equal(true);
  });

  let nested: Json = { config: { value: 255 } };
  for (let depth = 0; depth < 20_000; depth++) nested = { config: { value: nested } };
  const no: Record<string, Json> = {
    'x * 2, which is of 0..1': keras3('Multiply', [PIXELS, 2], NUMPY),
    'x - 0.5': keras3('Subtract', [PIXELS, 0.5], NUMPY),
    'x / 2': keras2('math.truediv', { y: 2 }),
    'pixels added to themselves': keras3('Add', [PIXELS, PIXELS], NUMPY),
    'x ^ 255': keras3('Power', [PIXELS, 255], NUMPY),
    'what is no number': keras3('TrueDivide', [PIXELS, nested], NUMPY),
    'Rescaling of 0..1': layer('Rescaling', { scale: 2, offset: -1 }),
    'a convolution': layer('Conv2D', { filters: 255, kernel_size: [3, 3] }),
  };
  for (const [what, first] of Object.entries(no))
    it(`not by ${what}`, () => expect(scales(first)).to.equal(false));
});
