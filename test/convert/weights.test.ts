// How weights are found in files whose names, order, wrappers or types are not what one expects: each file must give
// the numbers of a plain one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findArchitecture } from '../../src/convert/files/architecture-file.js';
import { hdf5, legacyH5, stateH5, zip, type Weight } from '../helpers/keras-files.js';
import { nativeOutput } from '../helpers/native-run.js';
import { refused } from '../helpers/refused.js';

interface Layer {
  readonly class_name: string;
  readonly name?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes?: unknown;
}

const SIZE = 4;
const layer = (className: string, name: string, config: object = {}): Layer => ({
  class_name: className,
  config: { name, ...config },
});
const dense = (name: string, config: object = {}): Layer =>
  layer('Dense', name, { units: SIZE, activation: 'tanh', ...config });
const image = layer('InputLayer', 'image', { batch_shape: [null, SIZE] });
const sequential = (name: string, layers: readonly Layer[]): Layer => ({
  class_name: 'Sequential',
  config: { name, layers },
});

/** Another value for each number, so that nothing that is swapped stays unseen. */
const values = (shape: readonly number[], number: number): Float32Array =>
  Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    (_, at) => Math.sin(at + 10 * number) / 2,
  );
const kernel = (name: string, number: number): Weight => ({
  name,
  shape: [SIZE, SIZE],
  data: values([SIZE, SIZE], number),
});
const bias = (name: string, number: number): Weight => ({
  name,
  shape: [SIZE],
  data: values([SIZE], number + 0.5),
});
const pair = (layerName: string, number: number): readonly Weight[] => [
  kernel(`${layerName}/kernel:0`, number),
  bias(`${layerName}/bias:0`, number),
];
const numbered = (number: number): readonly Weight[] => [kernel('0', number), bias('1', number)];

/** Three dense layers one after another, with the values 1, 2 and 3. */
const plain = (): Promise<Buffer> =>
  legacyH5({
    config: sequential('m', [image, dense('a'), dense('b'), dense('c')]),
    weights: { a: pair('a', 1), b: pair('b', 2), c: pair('c', 3) },
  });

async function gives(
  content: Promise<Buffer>,
  expected: Promise<Buffer> = plain(),
  architecture?: unknown,
): Promise<void> {
  const actual = await nativeOutput({
    content: await content,
    ...(architecture === undefined ? {} : { architecture }),
  });
  expect([...actual]).to.deep.equal([...(await nativeOutput({ content: await expected }))]);
}

const keras = async (config: unknown, groups: Readonly<Record<string, readonly Weight[]>>): Promise<Buffer> =>
  zip([
    { name: 'config.json', data: JSON.stringify(config) },
    { name: 'metadata.json', data: '{"keras_version": "3.0.5"}' },
    { name: 'model.weights.h5', data: await stateH5(groups) },
  ]);

describe('weights of .h5 files', () => {
  it('are found by name in a nested model, whatever their order', () =>
    gives(
      legacyH5({
        config: sequential('m', [image, sequential('inner', [dense('a'), dense('b')]), dense('c')]),
        weights: { inner: [...pair('b', 2), ...pair('a', 1)], c: pair('c', 3) },
      }),
    ));

  it('are found by the longest part of the path that tells them apart', () =>
    gives(
      legacyH5({
        config: sequential('m', [
          image,
          sequential('outer', [sequential('x', [dense('same')]), sequential('y', [dense('same')])]),
          dense('c'),
        ]),
        weights: { outer: [...pair('outer/y/same', 2), ...pair('outer/x/same', 1)], c: pair('c', 3) },
      }),
    ));

  it('are taken in the order of the layers where names do not tell', () =>
    gives(
      legacyH5({
        config: sequential('m', [image, sequential('inner', [dense('a'), dense('b')]), dense('c')]),
        weights: {
          inner: [
            kernel('Variable:0', 1),
            bias('Variable_1:0', 1),
            kernel('Variable_2:0', 2),
            bias('Variable_3:0', 2),
          ],
          c: pair('c', 3),
        },
      }),
    ));

  it('are taken in the order of the layers where another session numbered these', () =>
    gives(
      legacyH5({
        weights: { dense_7: pair('dense_7', 1), dense_8: pair('dense_8', 2), dense_9: pair('dense_9', 3) },
      }),
      plain(),
      sequential('m', [
        image,
        dense('dense'),
        layer('Dropout', 'dropout'),
        dense('dense_1'),
        dense('dense_2'),
      ]),
    ));

  it('are found among seeds, counters and what else acts while training', () =>
    gives(
      legacyH5({
        config: sequential('m', [image, dense('a'), dense('b'), dense('c')]),
        weights: {
          a: [{ name: 'a/seed_generator_state:0', shape: [2] }, ...pair('a', 1)],
          b: [{ name: 'count:0', shape: [1] }, kernel('odd_W', 2), bias('odd_b', 2)],
          c: pair('c', 3),
          top_level_model_weights: [{ name: 'counter:0', shape: [1] }],
        },
      }),
    ));

  for (const dtype of ['<d', '<f']) {
    it(`are read from numbers of the type ${dtype}`, () => {
      const typed = (weights: readonly Weight[]): readonly Weight[] =>
        weights.map(({ data, ...weight }) => ({
          ...weight,
          dtype,
          data: (dtype === '<d' ? Float64Array.from(data ?? []) : data) as Float32Array,
        }));
      return gives(
        legacyH5({
          config: sequential('m', [image, dense('a'), dense('b'), dense('c')]),
          weights: { a: typed(pair('a', 1)), b: typed(pair('b', 2)), c: pair('c', 3) },
        }),
      );
    });
  }
});

describe('wrappers of training', () => {
  const wrapped = (className: string, inner: Layer, config: object = {}): Layer =>
    layer(className, `wrapped_${String(inner.config['name'])}`, { layer: inner, ...config });

  it('are taken off a pruned layer: mask, threshold and step are left out', () =>
    gives(
      legacyH5({
        config: sequential('m', [
          layer('PruneLowMagnitude', 'prune_a', {
            layer: dense('a'),
            batch_input_shape: [null, SIZE],
            pruning_schedule: {},
          }),
          wrapped('PruneLowMagnitude', dense('b')),
          dense('c'),
        ]),
        weights: {
          prune_a: [
            ...pair('prune_a/a', 1),
            kernel('prune_a/mask:0', 9),
            { name: 'prune_a/threshold:0', shape: [] },
            { name: 'prune_a/pruning_step:0', shape: [] },
          ],
          wrapped_b: [kernel('mask:0', 9), ...pair('b', 2), { name: 'threshold:0', shape: [] }],
          c: pair('c', 3),
        },
      }),
    ));

  it('are taken off a quantised one: the ranges are left out, and the plain activation is found', () =>
    gives(
      legacyH5({
        config: sequential('m', [
          image,
          layer('QuantizeLayer', 'quantize_layer', { quantizer: {} }),
          wrapped(
            'QuantizeWrapperV2',
            dense('a', {
              activation: { class_name: 'QuantizeAwareActivation', config: { activation: 'tanh' } },
            }),
          ),
          wrapped('tensorflow_model_optimization>QuantizeWrapperV2', dense('b')),
          wrapped('QuantizeAnnotate', dense('c')),
        ]),
        weights: {
          quantize_layer: [{ name: 'quantize_layer_min:0', shape: [] }],
          wrapped_a: [
            ...pair('a', 1),
            { name: 'wrapped_a/optimizer_step:0', shape: [] },
            { name: 'wrapped_a/kernel_min:0', shape: [] },
            { name: 'wrapped_a/kernel_max:0', shape: [] },
          ],
          wrapped_b: [{ name: 'wrapped_b/post_activation_min:0', shape: [] }, ...pair('wrapped_b/b', 2)],
          wrapped_c: pair('c', 3),
        },
      }),
    ));

  it('are taken off inside of a nested functional model, where other layers name them', () => {
    const call = (from: string): unknown[] => [[[from, 0, 0, {}]]];
    const inner: Layer = {
      class_name: 'Functional',
      name: 'inner',
      config: {
        name: 'inner',
        layers: [
          { ...image, name: 'image', inbound_nodes: [] },
          { ...wrapped('QuantizeWrapperV2', dense('a')), name: 'wrapped_a', inbound_nodes: call('image') },
          {
            ...wrapped('QuantizeWrapperV2', dense('b')),
            name: 'wrapped_b',
            inbound_nodes: call('wrapped_a'),
          },
        ],
        input_layers: [['image', 0, 0]],
        output_layers: [['wrapped_b', 0, 0]],
      },
    };
    return gives(
      legacyH5({
        config: sequential('m', [image, inner, dense('c')]),
        weights: {
          inner: [...pair('b', 2), { name: 'wrapped_a/kernel_min:0', shape: [] }, ...pair('a', 1)],
          c: pair('c', 3),
        },
      }),
    );
  });
});

describe('weights of .keras files', () => {
  it('are found by class and number, past models of the same class without weights', () =>
    gives(
      keras(
        sequential('m', [
          image,
          sequential('augmentation', [layer('RandomFlip', 'flip')]),
          sequential('net', [dense('a'), dense('b')]),
          dense('c'),
        ]),
        {
          'layers/sequential/layers/random_flip/seed_generator': [{ name: '0', shape: [2] }],
          'layers/sequential_1/layers/dense': numbered(1),
          'layers/sequential_1/layers/dense_1': numbered(2),
          'layers/dense': numbered(3),
          optimizer: [{ name: '0', shape: [1] }],
        },
      ),
    ));

  it('are found where Windows joined the names, and Keras 2.13 numbered them twice', () =>
    gives(
      keras(
        sequential('m', [
          dense('a', { batch_input_shape: [null, SIZE] }),
          layer('Dropout', 'dropout'),
          dense('b'),
          dense('c'),
        ]),
        {
          '_layer_checkpoint_dependencies\\dense': numbered(1),
          '_layer_checkpoint_dependencies\\dense_2': numbered(2),
          '_layer_checkpoint_dependencies\\dense_4': numbered(3),
        },
      ),
    ));

  it('are found where Keras 2.14 numbered them once', () =>
    gives(
      keras(
        sequential('m', [
          sequential('inner', [dense('a', { batch_input_shape: [null, SIZE] }), dense('b')]),
          dense('c'),
        ]),
        {
          '_layer_checkpoint_dependencies\\sequential\\_layer_checkpoint_dependencies\\dense': numbered(1),
          '_layer_checkpoint_dependencies\\sequential\\_layer_checkpoint_dependencies\\dense_1': numbered(2),
          '_layer_checkpoint_dependencies\\dense': numbered(3),
        },
      ),
    ));

  it('are found in the layers of a layer under either of their names', async () => {
    const attention = (): Layer => layer('MultiHeadAttention', 'attention', { num_heads: 1, key_dim: 2 });
    const model = {
      class_name: 'Functional',
      config: {
        name: 'm',
        layers: [
          {
            ...layer('InputLayer', 'image', { batch_shape: [null, 3, SIZE] }),
            name: 'image',
            inbound_nodes: [],
          },
          {
            ...attention(),
            name: 'attention',
            inbound_nodes: [[['image', 0, 0, { value: ['image', 0, 0] }]]],
          },
        ],
        input_layers: [['image', 0, 0]],
        output_layers: [['attention', 0, 0]],
      },
    };
    const part = (shape: readonly number[], number: number): readonly Weight[] => [
      { name: '0', shape, data: values(shape, number) },
      { name: '1', shape: shape.slice(1), data: values(shape.slice(1), number + 5) },
    ];
    const output: readonly Weight[] = [
      { name: '0', shape: [1, 2, SIZE], data: values([1, 2, SIZE], 4) },
      { name: '1', shape: [SIZE], data: values([SIZE], 9) },
    ];
    const file = (name: (layerName: string) => string) =>
      keras(model, {
        [name('query')]: part([SIZE, 1, 2], 1),
        [name('key')]: part([SIZE, 1, 2], 2),
        [name('value')]: part([SIZE, 1, 2], 3),
        [name('output')]: output,
      });
    await gives(
      file((name) => `layers/multi_head_attention/_${name}_dense`),
      file((name) => `layers/multi_head_attention/${name}_dense`),
    );
  });

  it('are found in a wrapper that keeps variables of the layer inside among its own', () =>
    gives(
      keras(
        sequential('m', [
          image,
          layer('SpectralNormalization', 'normalised', { layer: dense('a') }),
          dense('b'),
          dense('c'),
        ]),
        {
          'layers/spectral_normalization': [
            kernel('0', 1),
            { name: '1', shape: [1, SIZE], data: values([1, SIZE], 7) },
          ],
          'layers/spectral_normalization/layer': numbered(1),
          'layers/dense': numbered(2),
          'layers/dense_1': numbered(3),
        },
      ),
    ));
});

describe('the architecture beside a file of weights', () => {
  let folder: string;
  const checkpoint = (): string => path.join(folder, 'net.weights.h5');
  const put = (name: string, content: unknown): Promise<void> =>
    writeFile(path.join(folder, name), JSON.stringify(content));
  const model = sequential('m', [image, dense('a')]);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-beside-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is the only JSON file that holds one', async () => {
    await put('manifest.json', model);
    await put('class_indices.json', { cat: 0, dog: 1 });
    await put('architecture.json', model);
    expect(await findArchitecture(checkpoint())).to.equal(path.join(folder, 'architecture.json'));
  });

  it('is, of several, the one that is named as the checkpoint', async () => {
    await put('other.json', model);
    await put('net.json', model);
    expect(await findArchitecture(checkpoint())).to.equal(path.join(folder, 'net.json'));
  });

  it('is not guessed', async () => {
    await put('one.json', model);
    await put('two.json', model);
    expect(await findArchitecture(checkpoint())).to.equal(undefined);
  });

  it('may be joined to its name by other signs than a point', async () => {
    await put('net2.json', model);
    await put('net_architecture.json', model);
    await put('other.json', model);
    expect(await findArchitecture(checkpoint())).to.equal(path.join(folder, 'net_architecture.json'));
  });

  it('may be JSON in a text of JSON, without its class, or with NaN in it', async () => {
    const [, ...layers] = [image, dense('a'), dense('b'), dense('c')];
    const whole = sequential('m', [image, ...layers]);
    const weights = () => legacyH5({ weights: { a: pair('a', 1), b: pair('b', 2), c: pair('c', 3) } });
    await gives(weights(), plain(), JSON.stringify(whole));
    await gives(weights(), plain(), whole.config);
    const call = (name: string, from: string): object => ({
      ...dense(name),
      name,
      inbound_nodes: [[[from, 0, 0, {}]]],
    });
    await gives(weights(), plain(), {
      name: 'm',
      layers: [
        { ...image, name: 'image', inbound_nodes: [] },
        call('a', 'image'),
        call('b', 'a'),
        call('c', 'b'),
      ],
      input_layers: [['image', 0, 0]],
      output_layers: [['c', 0, 0]],
    });
    await writeFile(
      path.join(folder, 'net.json'),
      JSON.stringify(whole).replace('"tanh"', '"tanh","limit":NaN'),
    );
    expect(await findArchitecture(checkpoint())).to.equal(path.join(folder, 'net.json'));
  });

  it('may be what tfjs writes, and must be one', async () => {
    await put('net.json', { modelTopology: { keras_version: '2.4.0', model_config: model } });
    expect(await findArchitecture(checkpoint())).to.equal(path.join(folder, 'net.json'));
    const { detail } = await refused(
      nativeOutput({
        content: await hdf5((file) => file.create_group('layers')),
        architecture: { class_name: 'Sequential' },
      }),
      'checkpoint_unsupported',
    );
    expect(detail).to.match(/weights only/);
  });
});
