// Weights that Python can make again: drawn from the variables' names, not from a file. The rule, in words and in
// Python, stands in scripts/python/reference/synthetic_weights.py.
import { crc32 } from 'node:zlib';
import { sizeOf } from '../graph/tensor.js';
import type { DeclaredWeight, WeightSource } from '../keras/weights.js';
import { NumpyRandom } from './numpy-random.js';

export class SyntheticWeights implements WeightSource {
  constructor(
    private readonly gain: number,
    /** How a checkpoint of fewer bits would keep them. */
    private readonly stored: (values: Float32Array, weight: DeclaredWeight) => Float32Array = (values) =>
      values,
  ) {}

  bind(weights: readonly DeclaredWeight[]): void {
    for (const weight of weights) {
      weight.bind(weight.shape, () =>
        this.stored(syntheticValue(weightKey(weight), weight.shape, this.gain), weight),
      );
    }
  }
}

/** The layer's own name, whichever models it is nested in; then the way through sub-layers to the variable. */
export const weightKey = ({ path, name }: DeclaredWeight): string => `${path.at(-1) ?? ''}/${name}`;

export function syntheticValue(key: string, shape: readonly number[], gain: number): Float32Array {
  const random = new NumpyRandom(crc32(key));
  const draw = distribution(key.split('/').at(-1) ?? key, shape, gain);
  return Float32Array.from({ length: sizeOf(shape) }, () => draw(random.rand()));
}

function distribution(name: string, shape: readonly number[], gain: number): (u: number) => number {
  if (name.endsWith('kernel') || name === 'embeddings') {
    const fan =
      name === 'depthwise_kernel' ? sizeOf(shape.slice(0, 2)) : Math.max(1, sizeOf(shape.slice(0, -1)));
    const limit = Math.sqrt(6 / fan);
    return (u) => (2 * u - 1) * gain * limit;
  }
  if (['gamma', 'scale', 'moving_variance', 'variance'].includes(name)) return (u) => 0.5 + u;
  if (name === 'alpha') return (u) => 0.1 + 0.3 * u;
  if (name === 'moving_mean' || name === 'mean') return (u) => (2 * u - 1) * 0.25;
  return (u) => (2 * u - 1) * 0.1;
}
