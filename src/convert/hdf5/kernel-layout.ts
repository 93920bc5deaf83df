// Kernels of convolutions as older files lay them out (preprocess_weights_for_loading in Keras 2's saving.py).
import { sizeOf } from '../graph/tensor.js';
import type { LayerConfig } from '../keras/architecture.js';
import type { DeclaredWeight } from '../keras/weights.js';

export interface Origin {
  /** Kernels in the order of axes that Keras 1 had. */
  readonly keras1: boolean;
  /** Theano turned kernels around (convolution); TensorFlow does not (correlation). */
  readonly theano: boolean;
}

interface Stored {
  /** The shape of the dataset, in the order of axes that Keras 2 has. */
  readonly shape: readonly number[];
  readonly arrange: (data: Float32Array) => Float32Array;
}

const TURNED = new Set(['Conv1D', 'Conv2D', 'Conv2DTranspose']);

export function storedKernel(
  shape: readonly number[],
  weight: DeclaredWeight,
  layer: LayerConfig | undefined,
  origin: Origin,
): Stored {
  const asStored: Stored = { shape, arrange: (data) => data };
  if (layer === undefined || weight.name !== 'kernel' || !TURNED.has(layer.className)) return asStored;
  const ordered = origin.keras1 ? keras2Order(shape, layer) : asStored;
  if (!origin.theano) return ordered;
  const spatial = sizeOf(ordered.shape.slice(0, -2));
  return { shape: ordered.shape, arrange: (data) => turnAround(ordered.arrange(data), spatial) };
}

function keras2Order(shape: readonly number[], { className, config }: LayerConfig): Stored {
  const channelsFirst = config.values['data_format'] === 'channels_first';
  const permuted = (order: readonly number[], dropped?: number): Stored => ({
    shape: order.map((axis) => shape[axis] ?? 0).filter((_, at) => at !== dropped),
    arrange: (data) => transpose(data, shape, order),
  });
  // A Conv1D was a Conv2D one column wide: [length, 1, in, out].
  if (className === 'Conv1D' && shape.length === 4)
    return shape[1] === 1 ? permuted([0, 1, 2, 3], 1) : permuted([2, 3, 1, 0], 1);
  if (shape.length !== 4) return permuted(shape.map((_, axis) => axis));
  if (className === 'Conv2DTranspose') return permuted(channelsFirst ? [2, 3, 0, 1] : [0, 1, 3, 2]);
  return permuted(channelsFirst ? [2, 3, 1, 0] : [0, 1, 2, 3]);
}

/** NumPy's transpose: axis `order[i]` of the data becomes axis i. */
function transpose(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  if (order.every((axis, at) => axis === at)) return data;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 0);
  return Float32Array.from({ length: data.length }, (_, target) => {
    let rest = target;
    let from = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] ?? 1;
      from += (rest % size) * (steps[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return data[from] ?? NaN;
  });
}

/** Reverses all spatial axes, which stand first: the order of the positions as a whole is reversed. */
function turnAround(data: Float32Array, positions: number): Float32Array {
  const each = data.length / positions;
  const turned = new Float32Array(data.length);
  for (let at = 0; at < positions; at++)
    turned.set(data.subarray(at * each, (at + 1) * each), (positions - 1 - at) * each);
  return turned;
}
