// Weights of a whole-model `.h5` as every Keras has written it: a group per layer of the outermost model, with the
// names of its datasets in an attribute, in the order of layer.weights.
import { AppError } from '../../errors/app-error.js';
import { sameShape } from '../graph/tensor.js';
import type { DeclaredWeight, WeightSource } from '../keras/weights.js';
import type { DatasetInfo, Hdf5File } from './hdf5-file.js';

interface NamedDataset extends DatasetInfo {
  readonly name: string;
}

export class LegacyWeights implements WeightSource {
  constructor(
    private readonly file: Hdf5File,
    /** `/model_weights` in a whole model, `/` in a weights-only file. */
    private readonly root: string,
  ) {}

  bind(weights: readonly DeclaredWeight[]): void {
    for (const layer of new Set(weights.map((weight) => weight.path[0] ?? ''))) {
      const wanted = weights.filter((weight) => weight.path[0] === layer);
      const found = this.#datasets(layer);
      if (found.length < wanted.length) {
        throw new AppError(
          'weights_missing',
          `layer "${layer}": the architecture has ${wanted.length} weights, the checkpoint holds ${found.length}`,
        );
      }
      const pairs = byName(wanted, found) ?? byOrder(wanted, found);
      for (const [weight, { path, shape }] of pairs) weight.bind(shape, () => this.file.floats(path));
    }
  }

  #datasets(layer: string): readonly NamedDataset[] {
    const group = `${this.root}/${layer}`;
    const names = this.file.texts(group, 'weight_names') ?? [];
    return names.map((name) => {
      const dataset = this.file.dataset(`${group}/${name}`);
      if (dataset === undefined)
        throw new AppError('weights_missing', `layer "${layer}": the dataset ${name} is missing`);
      return { ...dataset, name };
    });
  }
}

type Pairs = readonly (readonly [DeclaredWeight, NamedDataset])[];

/** `dense/kernel:0` is the kernel of the layer `dense`, wherever it stands: names tell most, where they are unique. */
function byName(wanted: readonly DeclaredWeight[], found: readonly NamedDataset[]): Pairs | undefined {
  const table = new Map<string, NamedDataset | null>();
  for (const dataset of found) {
    const [variable = '', layer = ''] = dataset.name.replace(/:\d+$/, '').split('/').toReversed();
    const key = `${layer}/${variable}`;
    table.set(key, table.has(key) ? null : dataset);
  }
  const pairs: (readonly [DeclaredWeight, NamedDataset])[] = [];
  for (const weight of wanted) {
    const dataset = table.get(`${weight.path.at(-1) ?? ''}/${weight.name}`);
    if (dataset == null || !sameShape(dataset.shape, weight.shape)) return undefined;
    pairs.push([weight, dataset]);
  }
  return pairs;
}

/** Keras itself goes by order: what is trained first, then what is not (`trainable_weights + non_trainable_weights`). */
function byOrder(wanted: readonly DeclaredWeight[], found: readonly NamedDataset[]): Pairs {
  const ordered = [
    ...wanted.filter((weight) => weight.trainable),
    ...wanted.filter((weight) => !weight.trainable),
  ];
  return ordered.map((weight, at) => {
    const dataset = found[at];
    if (dataset === undefined) throw new AppError('weights_missing', `${weight.label} is missing`);
    return [weight, dataset] as const;
  });
}
