// Weights of a tfjs model in layers format: found by their names, which end in those of the layer and the variable.
import { AppError } from '../../errors/app-error.js';
import type { DeclaredWeight, WeightSource } from '../keras/weights.js';
import { aligned } from './dequantise.js';
import type { ShardedWeight } from './shards.js';

export class LayersWeights implements WeightSource {
  readonly #byEnding = new Map<string, ShardedWeight[]>();

  constructor(
    private readonly what: string,
    weights: ReadonlyMap<string, ShardedWeight>,
  ) {
    for (const weight of weights.values()) {
      const parts = weight.name.split('/');
      for (const at of parts.keys()) {
        const ending = parts.slice(at).join('/');
        const list = this.#byEnding.get(ending);
        if (list === undefined) this.#byEnding.set(ending, [weight]);
        else list.push(weight);
      }
    }
  }

  bind(weights: readonly DeclaredWeight[]): void {
    for (const weight of weights) {
      const { shape, dtype, read } = this.#find(weight);
      if (dtype !== 'float32')
        throw new AppError('weights_mismatch', `${this.what}: ${weight.label} holds ${dtype}`);
      weight.bind(shape, () => aligned(read(), Float32Array));
    }
  }

  /** `conv/kernel`; where layers of inner models share a name, with the names of the models too. */
  #find({ path, name, label }: DeclaredWeight): ShardedWeight {
    const longer = [...path.keys()].toReversed().map((at) => [...path.slice(at), name]);
    // Keras 2 leaves out the layer that a wrapper is around.
    const wrapped = [path.at(-1) ?? '', name.split('/').at(-1) ?? ''];
    for (const ending of [...longer, wrapped]) {
      const [only, ...others] = this.#byEnding.get(ending.join('/')) ?? [];
      if (only !== undefined && others.length === 0) return only;
    }
    throw new AppError(
      'weights_missing',
      `${this.what}: the weight ${label} is not there, or not told from others`,
    );
  }
}
