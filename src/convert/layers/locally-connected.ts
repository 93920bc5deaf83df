// Convolutions whose kernel is another one at each place.
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { binary } from '../graph/ops/arithmetic.js';
import { einsum } from '../graph/ops/products.js';
import { concat, reshape, slice } from '../graph/ops/shaping.js';
import { pictureSize, windowOutput, type Pair } from '../graph/ops/window.js';
import { activate } from './activations.js';
import { flat, sequence } from './convolution.js';
import type { LayerSpec } from './layer.js';

const layer = (name: string, count: 1 | 2): LayerSpec => ({
  names: [name],
  options: {
    filters: '',
    kernel_size: '',
    strides: '',
    padding: 'valid',
    data_format: 'channels_last',
    implementation: '1',
    activation: 'see Activation',
    use_bias: '',
  },
  build(call) {
    const { g, config, weight } = call;
    const d = count === 1 ? sequence : flat;
    // The other implementations keep their kernels in other shapes.
    if (config.integer('implementation', 1) !== 1)
      config.fail('implementation', '1', config.values['implementation']);
    config.choice('padding', ['valid'], 'valid');
    config.choice('data_format', ['channels_last'], 'channels_last');
    const picture = d.picture(g, call.input());
    const [, , channels] = pictureSize(picture);
    const size = d.pair(config, 'kernel_size', [1, 1]);
    const filters = config.integer('filters');
    const patches = patchesOf(g, picture, size, d.pair(config, 'strides', [1, 1]));
    const [rows, columns] = pictureSize(patches);
    const kernel = weight('kernel', [rows * columns, size[0] * size[1] * channels, filters]);
    const flatPatches = reshape(g, patches, [rows * columns, size[0] * size[1] * channels]);
    const product = einsum(g, 'bpk,pkf->bpf', [flatPatches, g.constant(kernel, 'kernel')]);
    const output = d.back(g, reshape(g, product, [rows, columns, filters]));
    if (!config.boolean('use_bias', true)) return activate(call, output);
    const bias = weight('bias', count === 1 ? [columns, filters] : [rows, columns, filters]);
    return activate(call, binary(g, 'AddV2', output, g.constant(bias, 'bias')));
  },
});

/** At each place what the window sees there, row by row. */
function patchesOf(g: GraphBuilder, picture: Node, [height, width]: Pair, [stepY, stepX]: Pair): Node {
  const [rows, columns] = pictureSize(picture);
  const [down, across] = [
    windowOutput(rows, height, stepY, 'VALID'),
    windowOutput(columns, width, stepX, 'VALID'),
  ];
  if (!(down >= 1 && across >= 1 && height * width <= MAX_WINDOW)) {
    throw new RangeError(`a ${height}x${width} window does not fit into a ${rows}x${columns} picture`);
  }
  const seen: Node[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const part = (start: number, count: number, step: number) => ({
        start,
        stop: start + (count - 1) * step + 1,
        step,
      });
      seen.push(slice(g, picture, [{}, part(y, down, stepY), part(x, across, stepX)]));
    }
  }
  return seen.length === 1 && seen[0] !== undefined ? seen[0] : concat(g, seen, 3);
}

/** Each place of the window is a node. */
const MAX_WINDOW = 1024;

export const locallyConnected: readonly LayerSpec[] = [
  layer('LocallyConnected2D', 2),
  layer('LocallyConnected1D', 1),
];
