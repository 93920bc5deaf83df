// Weights of `model.weights.h5` in a `.keras` file, and of a `.weights.h5` by itself: groups named not by layer but by
// class, in the order of the model's layers (keras/src/saving/saving_lib.py, _save_container_state).
import { AppError } from '../../errors/app-error.js';
import { sameShape } from '../graph/tensor.js';
import { layersAlong, type Architecture, type LayerConfig } from '../keras/architecture.js';
import { snakeCase } from '../keras/describe.js';
import type { DeclaredWeight, OnFault, WeightSource } from '../keras/weights.js';
import type { Hdf5File } from './hdf5-file.js';
import { readWeightTree, type WeightTree } from './weight-tree.js';

/** Keras 3 and 2.15; Keras 2.13 and 2.14, which walked a dictionary made for TensorFlow's checkpoints. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'] as const;

export class KerasZipWeights implements WeightSource {
  readonly #tree: WeightTree;
  readonly #settled = new Map<WeightTree, ReadonlyMap<string, WeightTree>>();

  constructor(
    private readonly file: Hdf5File,
    private readonly architecture: Architecture,
  ) {
    this.#tree = readWeightTree(file);
  }

  bind(weights: readonly DeclaredWeight[], onFault: OnFault): void {
    const owners = new Map<string, DeclaredWeight[]>();
    for (const weight of weights) {
      // The variables of one group: those of a layer, or of one layer inside of it.
      const [, ...inner] = weight.name.split('/').toReversed();
      const key = JSON.stringify([weight.path, inner]);
      owners.set(key, [...(owners.get(key) ?? []), weight]);
    }
    for (const siblings of owners.values()) onFault(() => this.#bindGroup(siblings));
  }

  #bindGroup(weights: readonly DeclaredWeight[]): void {
    const [first] = weights;
    if (first === undefined) return;
    const group = this.#groupOf(first);
    // Layer.save_own_variables: what is trained first, then what is not.
    const ordered = [
      ...weights.filter(({ trainable }) => trainable),
      ...weights.filter(({ trainable }) => !trainable),
    ];
    let next = 0;
    ordered.forEach((weight, at) => {
      const left = ordered.length - at;
      const candidates = group.variables.slice(next, group.variables.length - left + 1);
      // A wrapper keeps variables of the layer inside among its own: those of another shape are passed over.
      const fitting = candidates.findIndex((path) =>
        sameShape(this.file.dataset(path)?.shape ?? [], weight.shape),
      );
      const path = candidates[Math.max(0, fitting)];
      const dataset = path === undefined ? undefined : this.file.dataset(path);
      if (path === undefined || dataset === undefined) {
        throw new AppError(
          'weights_missing',
          `${weight.label}: ${this.file.name} holds ${group.variables.length} variables for it in ${group.path}, of ${weights.length}`,
        );
      }
      next += Math.max(0, fitting) + 1;
      weight.bind(dataset.shape, () => this.file.floats(path));
    });
  }

  #groupOf(weight: DeclaredWeight): WeightTree {
    let architecture: Architecture | undefined = this.architecture;
    let group = this.#tree;
    let wrapped: LayerConfig | undefined;
    for (const name of weight.path) {
      const groups: ReadonlyMap<string, WeightTree> | undefined =
        wrapped?.name === name
          ? new Map([[name, group.groups.get('layer') ?? group]])
          : architecture && this.#groupsIn(group, architecture);
      const layer: LayerConfig | undefined =
        wrapped?.name === name ? wrapped : architecture?.layers.find((one) => one.name === name);
      group = groups?.get(name) ?? this.#missing(weight, group);
      architecture = layer?.inner;
      wrapped = layer?.wrappedModel;
    }
    if (layersAlong(this.architecture, weight.path).at(-1)?.unwrapped !== undefined)
      group = group.groups.get('layer') ?? group;
    for (const name of weight.name.split('/').slice(0, -1))
      group = innerGroup(group, name) ?? this.#missing(weight, group);
    return group;
  }

  /** Asked for each weight, settled once for each model. */
  #groupsIn(model: WeightTree, architecture: Architecture): ReadonlyMap<string, WeightTree> {
    const known = this.#settled.get(model);
    if (known !== undefined) return known;
    const groups = layerGroups(model, architecture);
    this.#settled.set(model, groups);
    return groups;
  }

  #missing(weight: DeclaredWeight, { path, groups }: WeightTree): never {
    const found = [...groups.keys()].slice(0, 8).join(', ') || 'nothing';
    throw new AppError(
      'weights_missing',
      `${weight.label}: ${this.file.name} has no group for it; ${path === '' ? '/' : path} holds ${found}`,
    );
  }
}

/** Each layer's group, by the layer's name. */
function layerGroups(model: WeightTree, { layers }: Architecture): ReadonlyMap<string, WeightTree> {
  const container = CONTAINERS.find((name) => model.groups.has(name));
  const groups = model.groups.get(container ?? '')?.groups ?? new Map<string, WeightTree>();
  const found = new Map<string, WeightTree>();
  const kinds = new Map<string, LayerConfig[]>();
  for (const layer of layers) {
    const kind = savedName(layer);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [layer]);
    else known.push(layer);
  }
  for (const [kind, ofKind] of kinds) {
    const plain = container === 'layers';
    const numbers = plain ? [...ofKind.keys()] : dependencyNumbers(kind, groups, ofKind.length);
    ofKind.forEach((layer, at) => {
      const group = groups.get(numbered(kind, numbers[at] ?? 0));
      if (group !== undefined) found.set(layer.name, group);
    });
  }
  return found;
}

const numbered = (kind: string, number: number): string => (number === 0 ? kind : `${kind}_${number}`);

/**
 * The dictionary of Keras 2.13 lists a layer with weights twice, and the second time counts without being saved again:
 * conv2d, conv2d_2, conv2d_4. Keras 2.14 counts like everyone. Where each layer has weights, their order tells.
 */
function dependencyNumbers(
  kind: string,
  groups: ReadonlyMap<string, WeightTree>,
  layers: number,
): readonly number[] {
  const holds = (number: number): boolean => groups.get(numbered(kind, number))?.holdsVariables === true;
  const saved = [...Array(2 * layers).keys()].filter(holds);
  if (saved.length === layers) return saved;
  const numbers: number[] = [];
  for (let number = 0; numbers.length < layers; number += holds(number) ? 2 : 1) numbers.push(number);
  return numbers;
}

const savedName = (layer: LayerConfig): string => snakeCase(layer.unwrapped?.wrapperClass ?? layer.className);

/**
 * The group of a layer inside a layer is named for the attribute that holds it: `query_dense` for the layer `query` of
 * an attention, `cell` in a recurrent layer, `forward_layer` in a bidirectional one, `layer` in a wrapper.
 */
function innerGroup({ groups }: WeightTree, name: string): WeightTree | undefined {
  const attribute = `${name.replace(/^attention_/, '')}_dense`;
  const direction = `${name.split('_')[0] ?? ''}_layer`;
  const cell = name.endsWith('_cell') ? ['cell'] : [];
  const byAttribute = [attribute, `_${attribute}`, name, `_${name}`, direction, ...cell]
    .map((key) => groups.get(key))
    .find((group) => group !== undefined);
  return (
    byAttribute ??
    [...groups.values()].find((group) => group.layerName === name) ??
    groups.get('layer') ??
    // A backward layer may have a name of its own; the forward one never has.
    groups.get('backward_layer')
  );
}
