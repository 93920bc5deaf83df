// Models as Keras 1 wrote them beside the same models as Keras 2 does: both must give the same numbers.
import { expect } from 'chai';
import { legacyH5, type Weight } from '../helpers/keras-files.js';
import { nativeOutput } from '../helpers/native-run.js';

interface Layer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const layer = (className: string, name: string, config: object = {}): Layer => ({
  class_name: className,
  config: { name, ...config },
});

/** Keras 1: the bare list of layers, the input's shape on the first. */
const keras1 = (
  layers: readonly Layer[],
  weights: Readonly<Record<string, readonly Weight[]>>,
  attributes: Record<string, string> = {},
) =>
  legacyH5({
    config: { class_name: 'Sequential', config: layers },
    attributes: { keras_version: '1.2.1', ...attributes },
    weights,
  });

const keras2 = (layers: readonly Layer[], weights: Readonly<Record<string, readonly Weight[]>>) =>
  legacyH5({
    config: { class_name: 'Sequential', config: { name: 'm', layers } },
    attributes: { keras_version: '2.2.4', backend: 'tensorflow' },
    weights,
  });

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const values = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: count(shape) }, (_, at) => Math.sin(at * at + 1) / 3);

/** The value of `data` (of `shape`) at each place, in an order of axes of its own. */
function permuted(
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
  turn = false,
): Float32Array {
  const sizes = order.map((axis) => shape[axis] ?? 1);
  return Float32Array.from({ length: data.length }, (_, target) => {
    const place = new Array<number>(shape.length).fill(0);
    let rest = target;
    for (let at = sizes.length - 1; at >= 0; at--) {
      place[order[at] ?? 0] = rest % (sizes[at] ?? 1);
      rest = Math.floor(rest / (sizes[at] ?? 1));
    }
    if (turn) for (const axis of [0, 1]) place[axis] = (shape[axis] ?? 1) - 1 - (place[axis] ?? 0);
    return data[place.reduce((index, value, axis) => index * (shape[axis] ?? 1) + value, 0)] ?? NaN;
  });
}

async function same(old: Promise<Buffer>, modern: Promise<Buffer>): Promise<void> {
  const [a, b] = [await nativeOutput({ content: await old }), await nativeOutput({ content: await modern })];
  expect(a.length).to.equal(b.length);
  expect(Math.max(...b.map(Math.abs)), 'a model that says something').to.be.above(1e-3);
  a.forEach((value, at) => expect(value).to.be.closeTo(b[at] ?? NaN, 1e-6));
}

const KERNEL = [3, 2, 3, 4];
const kernel = values(KERNEL);
const bias = values([4]);

const conv1 = (more: object = {}, shape: readonly number[] = [6, 7, 3]): Layer =>
  layer('Convolution2D', 'convolution2d_1', {
    nb_filter: 4,
    nb_row: 3,
    nb_col: 2,
    subsample: [2, 1],
    border_mode: 'same',
    dim_ordering: 'tf',
    bias: true,
    init: 'glorot_uniform',
    activation: 'relu',
    W_regularizer: null,
    b_regularizer: null,
    batch_input_shape: [null, ...shape],
    ...more,
  });
const conv2 = (more: object = {}, shape: readonly number[] = [6, 7, 3]): Layer =>
  layer('Conv2D', 'conv', {
    filters: 4,
    kernel_size: [3, 2],
    strides: [2, 1],
    padding: 'same',
    use_bias: true,
    activation: 'relu',
    batch_input_shape: [null, ...shape],
    ...more,
  });
const stored1 = (data: Float32Array = kernel, shape: readonly number[] = KERNEL) => ({
  convolution2d_1: [
    { name: 'convolution2d_1_W:0', shape, data },
    { name: 'convolution2d_1_b:0', shape: [4], data: bias },
  ],
});
const stored2 = {
  conv: [
    { name: 'conv/kernel:0', shape: KERNEL, data: kernel },
    { name: 'conv/bias:0', shape: [4], data: bias },
  ],
};

describe('Keras 1', () => {
  for (const [className, order] of [
    ['LSTM', ['i', 'f', 'c', 'o']],
    ['GRU', ['z', 'r', 'h']],
  ] as const) {
    it(`kept the gates of a ${className} apart`, async () => {
      const [features, units] = [3, 2];
      const stored = className === 'LSTM' ? ['i', 'c', 'f', 'o'] : order;
      const shapes = { W: [features, units], U: [units, units], b: [units] };
      const part = (kind: 'W' | 'U' | 'b', gate: string): Float32Array =>
        values(shapes[kind]).map((value, at) =>
          Math.sin(value * 7 + at + gate.charCodeAt(0) + kind.charCodeAt(0)),
        );
      const together = (kind: 'W' | 'U' | 'b'): Float32Array => {
        const rows = kind === 'b' ? 1 : (shapes[kind][0] ?? 0);
        return Float32Array.from(
          Array.from({ length: rows }, (_, row) =>
            order.flatMap((gate) => [...part(kind, gate).slice(row * units, (row + 1) * units)]),
          ).flat(),
        );
      };
      const columns = order.length * units;
      const shape = { batch_input_shape: [null, 4, features], return_sequences: true };
      await same(
        keras1(
          [
            layer(className, 'rnn_1', {
              ...shape,
              output_dim: units,
              activation: 'tanh',
              inner_activation: 'hard_sigmoid',
              init: 'glorot_uniform',
              consume_less: 'cpu',
            }),
          ],
          {
            rnn_1: stored.flatMap((gate) =>
              (['W', 'U', 'b'] as const).map((kind) => ({
                name: `rnn_1_${kind}_${gate}:0`,
                shape: shapes[kind],
                data: part(kind, gate),
              })),
            ),
          },
        ),
        keras2(
          [
            layer(className, 'rnn', {
              ...shape,
              units,
              activation: 'tanh',
              recurrent_activation: 'hard_sigmoid',
            }),
          ],
          {
            rnn: [
              { name: 'rnn/kernel:0', shape: [features, columns], data: together('W') },
              { name: 'rnn/recurrent_kernel:0', shape: [units, columns], data: together('U') },
              { name: 'rnn/bias:0', shape: [columns], data: together('b') },
            ],
          },
        ),
      );
    });
  }

  it('spells convolutions, pools, dropout and dense layers otherwise', () =>
    same(
      keras1(
        [
          conv1(),
          layer('MaxPooling2D', 'maxpooling2d_1', {
            pool_size: [2, 2],
            strides: [1, 2],
            border_mode: 'same',
            dim_ordering: 'tf',
          }),
          layer('Dropout', 'dropout_1', { p: 0.25 }),
          layer('Flatten', 'flatten_1'),
          layer('Dense', 'dense_1', {
            output_dim: 5,
            activation: 'softmax',
            bias: false,
            init: 'uniform',
            input_dim: null,
          }),
        ],
        { ...stored1(), dense_1: [{ name: 'dense_1_W:0', shape: [48, 5], data: values([48, 5]) }] },
      ),
      keras2(
        [
          conv2(),
          layer('MaxPooling2D', 'pool', { pool_size: [2, 2], strides: [1, 2], padding: 'same' }),
          layer('Flatten', 'flatten'),
          layer('Dense', 'dense', { units: 5, activation: 'softmax', use_bias: false }),
        ],
        { ...stored2, dense: [{ name: 'dense/kernel:0', shape: [48, 5], data: values([48, 5]) }] },
      ),
    ));

  it('keeps kernels as filters, channels, rows, columns where dim_ordering is th', () =>
    same(
      keras1(
        [conv1({ dim_ordering: 'th' }, [3, 6, 7])],
        stored1(permuted(kernel, KERNEL, [3, 2, 0, 1]), [4, 3, 3, 2]),
      ),
      keras2([conv2({ data_format: 'channels_first' }, [3, 6, 7])], stored2),
    ));

  it('keeps kernels turned around where Theano trained them', () =>
    same(
      keras1(
        [conv1({ dim_ordering: 'th' }, [3, 6, 7])],
        stored1(permuted(kernel, KERNEL, [3, 2, 0, 1], true), [4, 3, 3, 2]),
        { backend: 'theano' },
      ),
      keras2([conv2({ data_format: 'channels_first' }, [3, 6, 7])], stored2),
    ));

  it('normalises with running_mean and running_std, which holds the variance', () => {
    const config = { epsilon: 0.001, axis: -1 };
    const shapes = ['gamma', 'beta', 'mean', 'std'].map((_, at) =>
      values([4]).map((value) => (at === 3 ? Math.abs(value) + 0.5 : value + at)),
    );
    const [gamma, beta, mean, variance] = shapes;
    const named = (names: readonly string[]): Weight[] =>
      [gamma, beta, mean, variance].map((data, at) => ({
        name: names[at] ?? '',
        shape: [4],
        ...(data === undefined ? {} : { data }),
      }));
    return same(
      keras1(
        [
          conv1(),
          layer('BatchNormalization', 'batchnormalization_1', {
            ...config,
            mode: 0,
            gamma_init: 'one',
            beta_init: 'zero',
          }),
        ],
        {
          ...stored1(),
          batchnormalization_1: named(
            ['gamma', 'beta', 'running_mean', 'running_std'].map((name) => `batchnormalization_1_${name}:0`),
          ),
        },
      ),
      keras2([conv2(), layer('BatchNormalization', 'bn', config)], {
        ...stored2,
        bn: named(['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `bn/${name}:0`)),
      }),
    );
  });

  it('dilates in a layer of its own, and pads by four numbers', () =>
    same(
      keras1(
        [
          layer('ZeroPadding2D', 'zeropadding2d_1', {
            padding: [1, 2, 3, 0],
            dim_ordering: 'tf',
            batch_input_shape: [null, 6, 7, 3],
          }),
          layer('AtrousConvolution2D', 'convolution2d_1', {
            nb_filter: 4,
            nb_row: 3,
            nb_col: 2,
            atrous_rate: [2, 3],
            border_mode: 'valid',
            subsample: [1, 1],
            dim_ordering: 'tf',
            activation: 'linear',
          }),
        ],
        stored1(),
      ),
      keras2(
        [
          layer('ZeroPadding2D', 'pad', {
            padding: [
              [1, 2],
              [3, 0],
            ],
            batch_input_shape: [null, 6, 7, 3],
          }),
          layer('Conv2D', 'conv', {
            filters: 4,
            kernel_size: [3, 2],
            dilation_rate: [2, 3],
            padding: 'valid',
            activation: 'linear',
          }),
        ],
        stored2,
      ),
    ));

  it('pads by names too', () =>
    same(
      keras1(
        [
          layer('ZeroPadding2D', 'zeropadding2d_1', {
            padding: { top_pad: 1, left_pad: 2 },
            batch_input_shape: [null, 2, 2, 1],
          }),
        ],
        {},
      ),
      keras2(
        [
          layer('ZeroPadding2D', 'pad', {
            padding: [
              [1, 0],
              [2, 0],
            ],
            batch_input_shape: [null, 2, 2, 1],
          }),
        ],
        {},
      ),
    ));

  for (const [mode, className] of Object.entries({
    sum: 'Add',
    mul: 'Multiply',
    ave: 'Average',
    max: 'Maximum',
    concat: 'Concatenate',
  })) {
    it(`merges by mode ${mode} where Keras 2 has ${className}`, () => {
      const model = (relu: string, merge: Layer): object => ({
        class_name: 'Model',
        config: {
          name: 'm',
          layers: [
            {
              ...layer('InputLayer', 'image', { batch_input_shape: [null, 3, 2, 2] }),
              name: 'image',
              inbound_nodes: [],
            },
            {
              ...layer('Activation', 'a', { activation: 'tanh' }),
              name: 'a',
              inbound_nodes: [[['image', 0, 0]]],
            },
            {
              ...layer('Activation', 'b', { activation: relu }),
              name: 'b',
              inbound_nodes: [[['image', 0, 0]]],
            },
            {
              ...merge,
              name: 'merged',
              inbound_nodes: [
                [
                  ['a', 0, 0],
                  ['b', 0, 0],
                ],
              ],
            },
          ],
          input_layers: [['image', 0, 0]],
          output_layers: [['merged', 0, 0]],
        },
      });
      return same(
        legacyH5({
          config: model('relu', layer('Merge', 'merged', { mode, concat_axis: 2, mode_type: 'raw' })),
          attributes: { keras_version: '1.1.0' },
          weights: {},
        }),
        legacyH5({ config: model('relu', layer(className, 'merged', { axis: 2 })), weights: {} }),
      );
    });
  }

  it('gives the layers of a Sequential in a Sequential groups of their own', () => {
    const dense = { output_dim: 4, activation: 'tanh' };
    const weights = (names: readonly string[]) =>
      Object.fromEntries(
        names.map((name, at) => [
          name,
          [
            { name: `${name}_W:0`, shape: [4, 4], data: values([4, 4]).map((value) => value * (at + 1)) },
            { name: `${name}_b:0`, shape: [4], data: values([4]) },
          ],
        ]),
      );
    return same(
      keras1(
        [
          {
            class_name: 'Sequential',
            config: [
              layer('Dense', 'dense_1', { ...dense, batch_input_shape: [null, 4] }),
              layer('Dense', 'dense_2', dense),
            ],
            name: 'sequential_1',
          } as unknown as Layer,
          layer('Dense', 'dense_3', dense),
        ],
        weights(['dense_1', 'dense_2', 'dense_3']),
      ),
      keras1(
        [
          layer('Dense', 'a', { ...dense, batch_input_shape: [null, 4] }),
          layer('Dense', 'b', dense),
          layer('Dense', 'c', dense),
        ],
        weights(['a', 'b', 'c']),
      ),
    );
  });
});
