// Which dataset of a layer's group is which weight: by name where names tell, by order where they do not.
import { sameShape } from '../graph/tensor.js';
import { layersAlong, type Architecture, type LayerConfig } from '../keras/architecture.js';
import type { DeclaredWeight } from '../keras/weights.js';
import type { DatasetInfo } from './hdf5-file.js';

export interface NamedDataset extends DatasetInfo {
  /** Such as `conv2d/kernel`. */
  readonly name: string;
}

export interface Wanted {
  readonly weight: DeclaredWeight;
  /** The names that each layer on the way may have in the file, outermost first. */
  readonly path: readonly (readonly string[])[];
  readonly layer: LayerConfig | undefined;
}

export type Pairs = readonly (readonly [Wanted, NamedDataset])[];

/** As the layers stand in the model, which is how Keras saves them; the graph may have asked in another order. */
export function inLayerOrder(
  architecture: Architecture,
  weights: readonly DeclaredWeight[],
): readonly Wanted[] {
  const ranks = new Map<string, number>();
  const visit = ({ layers }: Architecture, path: readonly string[]): void => {
    for (const layer of layers) {
      const here = [...path, layer.name];
      if (layer.inner !== undefined) visit(layer.inner, here);
      ranks.set(JSON.stringify(here), ranks.size);
    }
  };
  visit(architecture, []);
  return weights
    .map((weight): Wanted => {
      const layers = layersAlong(architecture, weight.path);
      const path = weight.path.map((name, at) => [
        name,
        ...(layers[at]?.unwrapped === undefined ? [] : [layers[at].unwrapped.innerName]),
      ]);
      return { weight, path, layer: layers.at(-1) };
    })
    .toSorted(
      (a, b) =>
        (ranks.get(JSON.stringify(a.weight.path)) ?? 0) - (ranks.get(JSON.stringify(b.weight.path)) ?? 0),
    );
}

/** Both in the order of the layers. There are at least as many datasets as weights. */
export const matchWeights = (wanted: readonly Wanted[], found: readonly NamedDataset[]): Pairs =>
  pairUp(wanted, (one) => byPath(one, found)) ??
  pairUp(wanted, (one) => byVariable(one, wanted, found)) ??
  byOrder(wanted, found);

/** Every weight with a dataset of its own, or nothing. */
function pairUp(
  wanted: readonly Wanted[],
  find: (one: Wanted) => NamedDataset | undefined,
): Pairs | undefined {
  const pairs: (readonly [Wanted, NamedDataset])[] = [];
  const used = new Set<NamedDataset>();
  for (const one of wanted) {
    const dataset = find(one);
    if (dataset === undefined || used.has(dataset) || !sameShape(dataset.shape, one.weight.shape))
      return undefined;
    used.add(dataset);
    pairs.push([one, dataset]);
  }
  return pairs;
}

/** `middle/block/conv2d/kernel`: as much of the way to it as the name tells; Keras 2 tells the layer only. */
export function byPath({ weight, path }: Wanted, found: readonly NamedDataset[]): NamedDataset | undefined {
  for (let from = 0; from < path.length; from++) {
    const ways = path
      .slice(from)
      .reduce<readonly string[]>(
        (before, names) => before.flatMap((way) => names.map((name) => `${way}${name}/`)),
        ['/'],
      );
    const matching = found.filter(({ name }) => ways.some((way) => `/${name}`.endsWith(way + weight.name)));
    if (matching.length > 0) return matching.length === 1 ? matching[0] : undefined;
  }
  return undefined;
}

/** In the group of one layer its variables may stand under a name that is not the layer's: that of a wrapper. */
function byVariable(
  { weight }: Wanted,
  wanted: readonly Wanted[],
  found: readonly NamedDataset[],
): NamedDataset | undefined {
  if (wanted.some((other) => other.weight.path.join('/') !== weight.path.join('/'))) return undefined;
  const matching = found.filter(({ name }) => `/${name}`.endsWith(`/${weight.name}`));
  return matching.length === 1 ? matching[0] : undefined;
}

/** Variables that act while training, or count: seeds of dropouts, pruning's and quantisation's own. */
const OF_TRAINING =
  /(^|\/)(seed_generator_state|count|mask|threshold|pruning_step|optimizer_step|unquantized_steps|\w*_(min|max))$/;

/** Keras itself goes by order: what is trained first, then what is not (`trainable_weights + non_trainable_weights`). */
function byOrder(wanted: readonly Wanted[], found: readonly NamedDataset[]): Pairs {
  const ordered = [
    ...wanted.filter(({ weight }) => weight.trainable),
    ...wanted.filter(({ weight }) => !weight.trainable),
  ];
  const served = found.filter(({ name }) => !OF_TRAINING.test(name));
  const candidates = served.length >= wanted.length ? served : found;
  return ordered.flatMap((one, at) => {
    const dataset = candidates[at];
    return dataset === undefined ? [] : [[one, dataset] as const];
  });
}
