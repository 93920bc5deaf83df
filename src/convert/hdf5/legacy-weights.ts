// Weights as Keras 1 and 2 write them (and Keras 3 in `.h5`): a group per layer of the outermost model, with the names
// of its datasets in an attribute, in the order of layer.weights.
import { AppError } from '../../errors/app-error.js';
import type { Architecture } from '../keras/architecture.js';
import type { DeclaredWeight, OnFault, WeightSource } from '../keras/weights.js';
import type { Hdf5File } from './hdf5-file.js';
import { besideEachOther, gatesApart } from './keras1-gates.js';
import { storedKernel, type Origin } from './kernel-layout.js';
import { inLayerOrder, matchWeights, type NamedDataset, type Wanted } from './match-weights.js';

export class LegacyWeights implements WeightSource {
  /** Names of the weights by their group, in the order of the layers; only of groups that hold some. */
  readonly #named = new Map<string, readonly string[]>();
  readonly #origin: Origin;

  constructor(
    private readonly file: Hdf5File,
    /** `/model_weights` in a whole model, `/` in a weights-only file. */
    private readonly root: string,
    private readonly architecture: Architecture,
  ) {
    for (const group of file.texts(root, 'layer_names') ?? []) {
      const weights = this.#namesIn(group);
      if (weights.length > 0) this.#named.set(group, weights);
    }
    const fact = (attribute: string) => file.text(root, attribute) ?? file.text('/', attribute);
    // Before 1.2, Keras did not say its version (load_weights_from_hdf5_group takes that for 1, too).
    this.#origin = {
      keras1: (fact('keras_version') ?? '1').startsWith('1'),
      theano: fact('backend') === 'theano',
    };
  }

  bind(weights: readonly DeclaredWeight[], onFault: OnFault): void {
    for (const [group, wanted] of this.#byGroup(inLayerOrder(this.architecture, weights))) {
      onFault(() => this.#bindGroup(group, wanted));
    }
  }

  #byGroup(wanted: readonly Wanted[]): ReadonlyMap<string, Wanted[]> {
    // Keras 1 opened Sequential models inside of others: their layers have groups of their own.
    const named = wanted.map(({ path }) => path.flat().find((name) => this.#named.has(name)));
    const owners = [...new Set(wanted.map(({ weight }) => weight.path[0] ?? ''))];
    // Another session numbers its layers differently; Keras itself then goes by their order, and so do we.
    const byOrder = named.includes(undefined) && owners.length === this.#named.size;
    const inOrder = [...this.#named.keys()];
    const groups = new Map<string, Wanted[]>();
    wanted.forEach((one, at) => {
      const owner = one.weight.path[0] ?? '';
      const group = (byOrder ? inOrder[owners.indexOf(owner)] : named[at]) ?? owner;
      groups.set(group, [...(groups.get(group) ?? []), one]);
    });
    return groups;
  }

  #bindGroup(group: string, wanted: readonly Wanted[]): void {
    const found = this.#datasets(group);
    const gates = this.#origin.keras1 ? gatesApart(wanted, found) : undefined;
    if (gates !== undefined) {
      for (const { wanted: one, parts, shape } of gates) {
        const read = () => parts.map(({ path }) => this.file.floats(path));
        one.weight.bind(shape, () => besideEachOther(read(), shape));
      }
      return;
    }
    if (found.length < wanted.length) {
      throw new AppError(
        'weights_missing',
        `layer "${group}": the architecture has ${wanted.length} weights, the checkpoint holds ${found.length}`,
      );
    }
    for (const [{ weight, layer }, dataset] of matchWeights(wanted, found)) {
      const { shape, arrange } = storedKernel(dataset.shape, weight, layer, this.#origin);
      weight.bind(shape, () => arrange(this.file.floats(dataset.path)));
    }
  }

  #datasets(group: string): readonly NamedDataset[] {
    const place = `${this.root}/${group}`;
    return (this.#named.get(group) ?? this.#namesIn(group)).map((name) => {
      const dataset = this.file.dataset(`${place}/${name}`);
      if (dataset === undefined)
        throw new AppError('weights_missing', `layer "${group}": the dataset ${name} is missing`);
      return { ...dataset, name: name.replace(/:\d+$/, '') };
    });
  }

  #namesIn(group: string): readonly string[] {
    return this.file.texts(`${this.root}/${group}`, 'weight_names') ?? [];
  }
}
