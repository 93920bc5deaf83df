// Random weights made to behave as trained ones do: batch norms know the mean and variance of what comes in, and the
// last layer tells kinds of pictures apart. With all weights random, most architectures either answer the same class to
// every picture, or are chaotic: rounding the picture alone then changes what float32 answers.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buildArchitecture } from '../../src/convert/build-graph.js';
import { syntheticValue, weightKey } from '../../src/convert/fidelity/synthetic-weights.js';
import { GraphBuilder, type NodeOptions } from '../../src/convert/graph/builder.js';
import type { Graph, Node } from '../../src/convert/graph/node.js';
import type { OpName } from '../../src/convert/graph/op-table.js';
import { binary } from '../../src/convert/graph/ops/arithmetic.js';
import { moments, standardise } from '../../src/convert/graph/ops/reduction.js';
import { concat, reshapeAll } from '../../src/convert/graph/ops/shaping.js';
import { floats } from '../../src/convert/graph/tensor.js';
import { optimise } from '../../src/convert/graph/passes/optimise.js';
import { readArchitecture } from '../../src/convert/keras/read-architecture.js';
import { WeightRegistry, type DeclaredWeight, type WeightSource } from '../../src/convert/keras/weights.js';
import { writeSavedModel } from '../../src/convert/saved-model/write.js';
import { GRAPH_INPUT, GRAPH_OUTPUT } from '../../src/contracts/graph-names.js';
import { loadAddon } from '../../src/native/addon.js';
import { NativeSession } from '../../src/native/session.js';
import type { ReferenceModel } from '../../test/helpers/reference-model.js';

/** The likeliest class of a kind's own picture leads by about this much. */
const LEAD = 10;
/** What keeps activations in the part of their range where they are smooth. */
const GAMMA_FACTOR = 0.5;
const BETA_SHIFT = 0.5;

interface BatchNorm {
  readonly layer: string;
  readonly channels: number;
  readonly mean: Node;
  readonly variance: Node;
}

/** Builds batch norms as training runs them: by the statistics of the batch. */
class TrainingBuilder extends GraphBuilder {
  readonly batchNorms: BatchNorm[] = [];

  constructor(
    private readonly registry: WeightRegistry,
    private readonly epsilonOf: (layer: string) => number,
  ) {
    super();
  }

  override add(op: OpName, options: NodeOptions): Node {
    const node = super.add(op, options);
    const [input] = node.inputs;
    if (op !== 'Affine' || input === undefined) return node;
    const layer = node.name.slice(0, node.name.lastIndexOf('/'));
    const weights = this.registry.all.filter(({ path: names }) => names.at(-1) === layer);
    const weight = (name: string) => weights.find((candidate) => candidate.name === name);
    if (weight('moving_mean') === undefined) return node;
    const statistics = moments(this, input, [...input.shape.keys()].slice(0, -1));
    this.batchNorms.push({ layer, channels: Number(input.shape.at(-1)), ...statistics });
    const [gamma, beta] = [weight('gamma'), weight('beta')];
    const normal = standardise(this, input, statistics, this.epsilonOf(layer));
    const scaled = gamma === undefined ? normal : binary(this, 'Mul', normal, this.constant(gamma));
    return beta === undefined ? scaled : binary(this, 'AddV2', scaled, this.constant(beta));
  }
}

/** Each value is drawn once and kept: three graphs are made of the same weights. */
export class SettledWeights implements WeightSource {
  readonly #drawn = new Map<string, Float32Array>();

  constructor(
    private readonly gain: number,
    private readonly changed: ReadonlyMap<string, Float32Array>,
  ) {}

  bind(weights: readonly DeclaredWeight[]): void {
    for (const weight of weights) weight.bind(weight.shape, () => this.#value(weight));
  }

  #value(weight: DeclaredWeight): Float32Array {
    const key = weightKey(weight);
    const value =
      this.changed.get(key) ?? this.#drawn.get(key) ?? syntheticValue(key, weight.shape, this.gain);
    this.#drawn.set(key, value);
    // Whoever takes it folds and rounds it where it is.
    return value.slice();
  }
}

/** One run in training's way over a picture of each kind gives all statistics, and the features of the kinds. */
export async function settleWeights(
  model: ReferenceModel,
  pictures: Float32Array,
  kinds: number,
): Promise<SettledWeights> {
  const architecture = readArchitecture(model.architecture);
  const registry = new WeightRegistry(1e9);
  const g = new TrainingBuilder(registry, (layer) => {
    const found = architecture.layers.find(({ name }) => name === layer);
    return found?.config.number('epsilon', 1e-3) ?? 1e-3;
  });
  const input = g.add('Placeholder', { name: GRAPH_INPUT, shape: [null, ...model.input_shape] });
  const [output] = buildArchitecture({ g, weights: registry, path: [], kerasMajor: 3 }, architecture, [
    input,
  ]);
  if (output === undefined) throw new Error('the architecture has no output');
  const changed = gentleBatchNorms(registry.all, model.gain);
  const settled = new SettledWeights(model.gain, changed);
  settled.bind(registry.all);

  const [kernel, bias] = ['kernel', 'bias'].map((wanted) =>
    registry.all.findLast(({ name }) => name === wanted),
  );
  const { nodes } = g.finish(input, output);
  const product = nodes.findLast((node) => node.inputs.some(({ constant }) => constant === kernel));
  const features = product?.inputs[0];
  if (kernel === undefined || bias === undefined || features === undefined)
    throw new Error('the last layer has no kernel and bias');

  const told: {
    readonly node: Node;
    readonly size: number;
    readonly take: (values: Float32Array) => void;
  }[] = [
    {
      node: features,
      size: (kinds * kernel.size) / bias.size,
      take(values) {
        const [kernels, biases] = nearestKind(values, kinds, bias.size);
        changed.set(weightKey(kernel), kernels).set(weightKey(bias), biases);
      },
    },
    ...g.batchNorms.flatMap(({ layer, channels, mean, variance }) =>
      Object.entries({ mean, variance }).map(([name, node]) => ({
        node,
        size: channels,
        take: (values: Float32Array) => void changed.set(`${layer}/moving_${name}`, values),
      })),
    ),
    // Concatenation takes two or more.
    { node: g.constant(floats([1], Float32Array.of(0))), size: 1, take: () => undefined },
  ];
  const rows = told.map(({ node, size }) => reshapeAll(g, node, [1, size]));
  const row = concat(g, rows, 1);
  const result = g.add('Identity', { name: GRAPH_OUTPUT, inputs: [row], shape: row.shape, exact: true });
  const values = await run(g.finish(input, result), model, pictures, kinds);
  let at = 0;
  for (const { size, take } of told) take(values.slice(at, (at += size)));
  return settled;
}

function gentleBatchNorms(weights: readonly DeclaredWeight[], gain: number): Map<string, Float32Array> {
  const layerOf = ({ path: names }: DeclaredWeight) => names.at(-1);
  const batchNorms = new Set(weights.filter(({ name }) => name === 'moving_mean').map(layerOf));
  const gentle = new Map<string, Float32Array>();
  for (const weight of weights.filter((candidate) => batchNorms.has(layerOf(candidate)))) {
    const key = weightKey(weight);
    const value = syntheticValue(key, weight.shape, gain);
    if (weight.name === 'gamma')
      gentle.set(
        key,
        value.map((gamma) => gamma * GAMMA_FACTOR),
      );
    if (weight.name === 'beta')
      gentle.set(
        key,
        value.map((beta) => beta + BETA_SHIFT),
      );
  }
  return gentle;
}

async function run(
  graph: Graph,
  model: ReferenceModel,
  pictures: Float32Array,
  count: number,
): Promise<Float32Array> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-settle-'));
  try {
    await writeSavedModel(optimise(graph, 'float32'), { folder, weights: 'mapped' });
    const session = new NativeSession(loadAddon(), folder, { dtype: 'float32', shape: model.input_shape });
    try {
      return session.run(pictures, count);
    } finally {
      session.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Kernel and bias of the classifier by the nearest kind: with the mean of all features m, the logit of a kind of
 * features f is (x - m)(f - m) - |f - m|^2 / 2, times a factor. Further classes, of which there is no picture, get 0.
 */
function nearestKind(
  features: Float32Array,
  kinds: number,
  classes: number,
): readonly [Float32Array, Float32Array] {
  const size = features.length / kinds;
  const mean = new Float32Array(size);
  features.forEach((value, at) => (mean[at % size] = (mean[at % size] ?? 0) + value / kinds));
  const centred = features.map((value, at) => value - (mean[at % size] ?? 0));
  const factor = (2 * LEAD * kinds) / centred.reduce((sum, value) => sum + value * value, 0);
  const kernel = new Float32Array(size * classes);
  const bias = new Float32Array(classes);
  for (let kind = 0; kind < kinds; kind++) {
    for (let at = 0; at < size; at++) {
      const value = centred[kind * size + at] ?? 0;
      kernel[at * classes + kind] = factor * value;
      bias[kind] = (bias[kind] ?? 0) - factor * value * (value / 2 + (mean[at] ?? 0));
    }
  }
  return [kernel, bias];
}
