// Weights of a tfjs model in layers format: one list of names for the whole model, and tfjs goes by nothing else.
import { AppError } from '../../errors/app-error.js';
import { byPath, inLayerOrder } from '../hdf5/match-weights.js';
import type { Architecture } from '../keras/architecture.js';
import type { DeclaredWeight, OnFault, WeightSource } from '../keras/weights.js';
import { aligned } from './dequantise.js';
import type { ShardedWeight } from './shards.js';

export class LayersWeights implements WeightSource {
  constructor(
    private readonly what: string,
    private readonly architecture: Architecture,
    private readonly stored: ReadonlyMap<string, ShardedWeight>,
  ) {}

  bind(weights: readonly DeclaredWeight[], onFault: OnFault): void {
    const found = [...this.stored.values()].map(({ name, shape }) => ({ name, path: name, shape }));
    for (const wanted of inLayerOrder(this.architecture, weights)) {
      onFault(() => this.#bind(wanted.weight, byPath(wanted, found)?.name));
    }
  }

  #bind(weight: DeclaredWeight, name: string | undefined): void {
    const stored = name === undefined ? undefined : this.stored.get(name);
    if (stored === undefined) {
      throw new AppError(
        'weights_missing',
        `${this.what}: the weight ${weight.label} is not there, or not told from others`,
      );
    }
    if (stored.dtype !== 'float32')
      throw new AppError('weights_mismatch', `${this.what}: "${stored.name}" holds ${stored.dtype}`);
    weight.bind(stored.shape, () => aligned(stored.read(), Float32Array));
  }
}
