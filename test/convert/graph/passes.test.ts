// Passes change how a graph computes, never what: checked by running graphs natively before and after.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { GraphBuilder } from '../../../src/convert/graph/builder.js';
import type { Graph } from '../../../src/convert/graph/node.js';
import { affine, binary } from '../../../src/convert/graph/ops/arithmetic.js';
import { transpose } from '../../../src/convert/graph/ops/shaping.js';
import { foldAffineBefore } from '../../../src/convert/graph/passes/fold-affine-before.js';
import { mergeBiases } from '../../../src/convert/graph/passes/merge-biases.js';
import { sinkTransposes } from '../../../src/convert/graph/passes/sink-transposes.js';
import { matMul } from '../../../src/convert/graph/ops/products.js';
import { biasAdd, conv2d, depthwiseConv2d } from '../../../src/convert/graph/ops/convolution.js';
import { foldAffine } from '../../../src/convert/graph/passes/fold-affine.js';
import { lowerAffine } from '../../../src/convert/graph/passes/lower-affine.js';
import { toBfloat16 } from '../../../src/convert/graph/passes/choose-precision.js';
import { floats, sizeOf } from '../../../src/convert/graph/tensor.js';
import { NumpyRandom } from '../../../src/convert/fidelity/numpy-random.js';
import { writeSavedModel } from '../../../src/convert/saved-model/write.js';
import { GRAPH_INPUT, GRAPH_OUTPUT } from '../../../src/contracts/graph-names.js';
import type { Node } from '../../../src/convert/graph/node.js';
import { loadAddon } from '../../../src/native/addon.js';
import { NativeSession } from '../../../src/native/session.js';

const random = new NumpyRandom(7);
const noise = (...shape: number[]) =>
  floats(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.rand() - 0.5),
  );
const valid = { strides: [1, 1], padding: 'VALID' } as const;

function graphOf(shape: readonly number[], body: (g: GraphBuilder, input: Node) => Node): Graph {
  const g = new GraphBuilder();
  const input = g.add('Placeholder', { name: GRAPH_INPUT, shape: [null, ...shape] });
  const last = body(g, input);
  return g.finish(
    input,
    g.add('Identity', { name: GRAPH_OUTPUT, inputs: [last], shape: last.shape, exact: true }),
  );
}

async function run(graph: Graph): Promise<Float32Array> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-'));
  try {
    await writeSavedModel(graph, { folder, weights: 'mapped' });
    const shape = graph.input.shape.slice(1).map(Number);
    const session = new NativeSession(loadAddon(), folder, { dtype: 'float32', shape });
    const input = new NumpyRandom(1);
    const result = session.run(
      Float32Array.from({ length: sizeOf(shape) }, () => input.rand()),
      1,
    );
    session.close();
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const ops = (graph: Graph): string[] => graph.nodes.map(({ op }) => op).filter((op) => op !== 'Const');

async function expectSame(before: Graph, after: Graph, tolerance: number): Promise<void> {
  const [expected, actual] = [await run(lowerAffine(before)), await run(after)];
  expect(actual.length).to.equal(expected.length);
  actual.forEach((value, at) => expect(value).to.be.closeTo(expected[at] ?? NaN, tolerance));
}

const foldable: Readonly<Record<string, Graph>> = {
  'a convolution': graphOf([6, 6, 3], (g, x) =>
    affine(g, conv2d(g, x, noise(3, 3, 3, 5), valid), noise(5), noise(5)),
  ),
  'a convolution with a bias': graphOf([6, 6, 3], (g, x) =>
    affine(g, biasAdd(g, conv2d(g, x, noise(3, 3, 3, 5), valid), noise(5)), noise(5), noise(5)),
  ),
  'a depthwise convolution': graphOf([6, 6, 3], (g, x) =>
    affine(g, depthwiseConv2d(g, x, noise(3, 3, 3, 2), valid), noise(6), noise(6)),
  ),
  'a matrix product': graphOf([8], (g, x) => affine(g, matMul(g, x, noise(8, 4)), noise(4), noise(4))),
  'a convolution, twice over': graphOf([6, 6, 3], (g, x) =>
    affine(g, affine(g, conv2d(g, x, noise(3, 3, 3, 5), valid), noise(5), noise(5)), noise(5), noise(5)),
  ),
};

describe('folding an affine map', () => {
  for (const [name, graph] of Object.entries(foldable)) {
    it(`leaves nothing of it after ${name}, and the same result`, async () => {
      const folded = foldAffine(graph);
      expect(ops(folded)).to.not.include('Affine');
      expect(ops(folded).filter((op) => op === 'BiasAdd')).to.have.length(1);
      await expectSame(graph, folded, 1e-6);
    });
  }

  it('keeps its hands off a convolution whose output is used elsewhere too', async () => {
    const graph = graphOf([6, 6, 3], (g, x) => {
      const shared = conv2d(g, x, noise(3, 3, 3, 5), valid);
      return g.map('AddV2', affine(g, shared, noise(5), noise(5)), shared);
    });
    const folded = foldAffine(graph);
    expect(ops(folded)).to.include('Affine');
    await expectSame(graph, lowerAffine(folded), 1e-6);
  });
});

const same = { strides: [1, 1], padding: 'SAME' } as const;
const zeros = (channels: number) => floats([channels], new Float32Array(channels));

/** What stands before a product and goes into it; whether a bias is left of it. */
const before: Readonly<Record<string, readonly [Graph, biases: number]>> = {
  'a convolution without padding': [
    graphOf([6, 6, 3], (g, x) => conv2d(g, affine(g, x, noise(3), noise(3)), noise(3, 3, 3, 5), valid)),
    1,
  ],
  'a padded convolution, where it only scales': [
    graphOf([6, 6, 3], (g, x) => conv2d(g, affine(g, x, noise(3), zeros(3)), noise(3, 3, 3, 5), same)),
    0,
  ],
  'a padded convolution of single pixels': [
    graphOf([6, 6, 3], (g, x) => conv2d(g, affine(g, x, noise(3), noise(3)), noise(1, 1, 3, 5), same)),
    1,
  ],
  'a convolution that has a bias': [
    graphOf([6, 6, 3], (g, x) =>
      biasAdd(g, conv2d(g, affine(g, x, noise(3), noise(3)), noise(3, 3, 3, 5), valid), noise(5)),
    ),
    1,
  ],
  'a depthwise convolution': [
    graphOf([6, 6, 3], (g, x) =>
      depthwiseConv2d(g, affine(g, x, noise(3), noise(3)), noise(3, 3, 3, 2), valid),
    ),
    1,
  ],
  'a matrix product': [graphOf([8], (g, x) => matMul(g, affine(g, x, noise(8), noise(8)), noise(8, 4))), 1],
};

describe('folding an affine map into what follows', () => {
  const fold = (graph: Graph): Graph => mergeBiases(foldAffineBefore(graph));

  for (const [name, [graph, biases]] of Object.entries(before)) {
    it(`leaves nothing of it before ${name}, and the same result`, async () => {
      const folded = fold(graph);
      expect(ops(folded)).to.not.include('Affine');
      expect(ops(folded).filter((op) => op === 'BiasAdd')).to.have.length(biases);
      await expectSame(graph, folded, 1e-6);
    });
  }

  it('keeps a shift before padding, which adds plain zeros', async () => {
    const graph = graphOf([6, 6, 3], (g, x) =>
      conv2d(g, affine(g, x, noise(3), noise(3)), noise(3, 3, 3, 5), same),
    );
    expect(ops(fold(graph))).to.include('Affine');
    await expectSame(graph, lowerAffine(fold(graph)), 1e-6);
  });

  it('keeps it before a grouped convolution and where its result is used twice', () => {
    const grouped = graphOf([6, 6, 4], (g, x) =>
      conv2d(g, affine(g, x, noise(4), noise(4)), noise(3, 3, 2, 4), valid),
    );
    const shared = graphOf([6, 6, 3], (g, x) => {
      const scaled = affine(g, x, noise(3), noise(3));
      return g.map('AddV2', conv2d(g, scaled, noise(1, 1, 3, 3), valid), scaled);
    });
    expect(ops(fold(grouped))).to.include('Affine');
    expect(ops(fold(shared))).to.include('Affine');
  });
});

describe('sinking transpositions', () => {
  const toLast = [0, 2, 3, 1];
  const toFirst = [0, 3, 1, 2];

  it('leaves none inside a channels_first network, and one where the order shows', async () => {
    const graph = graphOf([3, 6, 6], (g, x) => {
      const layer = (input: Node, channels: number): Node =>
        transpose(g, conv2d(g, transpose(g, input, toLast), noise(3, 3, channels, 4), same), toFirst);
      const first = g.map('Relu', layer(x, 3));
      const second = g.map('Tanh', layer(first, 4));
      return binary(g, 'Mul', g.map('AddV2', first, second), 0.5);
    });
    const sunk = sinkTransposes(graph);
    expect(ops(graph).filter((op) => op === 'Transpose')).to.have.length(4);
    expect(ops(sunk).filter((op) => op === 'Transpose')).to.have.length(2);
    expect(sunk.output.shape).to.deep.equal(graph.output.shape);
    await expectSame(graph, sunk, 1e-6);
  });

  it('does not move past a product whose other side has another order', async () => {
    const graph = graphOf([4, 4, 4], (g, x) => binary(g, 'AddV2', transpose(g, x, toLast), x));
    await expectSame(graph, sinkTransposes(graph), 0);
  });
});

describe('lowering an affine map', () => {
  it('leaves out what multiplies by one or adds zero', () => {
    const one = (value: number) => floats([3], new Float32Array(3).fill(value));
    const scale = graphOf([3], (g, x) => affine(g, x, one(2), one(0)));
    const shift = graphOf([3], (g, x) => affine(g, x, one(1), one(2)));
    const nothing = graphOf([3], (g, x) => affine(g, x, one(1), one(0)));
    expect(ops(lowerAffine(scale))).to.deep.equal(['Placeholder', 'Mul', 'Identity']);
    expect(ops(lowerAffine(shift))).to.deep.equal(['Placeholder', 'AddV2', 'Identity']);
    expect(ops(lowerAffine(nothing))).to.deep.equal(['Placeholder', 'Identity']);
  });
});

describe('bfloat16', () => {
  it('casts at the borders only, keeps the softmax exact, and stays near float32', async () => {
    const graph = graphOf([6, 6, 3], (g, x) => {
      const features = g.map('Relu', biasAdd(g, conv2d(g, x, noise(3, 3, 3, 32), valid), noise(32)));
      return g.map('Softmax', conv2d(g, features, noise(4, 4, 32, 10), valid));
    });
    const halved = toBfloat16(graph);
    expect(ops(halved)).to.deep.equal([
      'Placeholder',
      'Cast',
      'Conv2D',
      'BiasAdd',
      'Relu',
      'Conv2D',
      'Cast',
      'Softmax',
      'Identity',
    ]);
    // bfloat16 keeps 8 bits: a probability near 0.25 moves by a few parts in a hundred of itself at most.
    await expectSame(graph, halved, 1e-2);
  });

  it('multiplies by a number that bfloat16 does not hold in float32, and by others not', () => {
    const factorTypes = (factor: number) =>
      toBfloat16(graphOf([4], (g, x) => binary(g, 'Mul', x, factor)))
        .nodes.filter(({ op }) => op === 'Mul')
        .flatMap(({ dtype, inputs }) => [dtype, ...inputs.map((input) => input.dtype)]);
    expect(factorTypes(1 / 6)).to.deep.equal(['float32', 'float32', 'float32']);
    expect(factorTypes(0.5)).to.deep.equal(['bfloat16', 'bfloat16', 'bfloat16']);
  });
});

describe('mapped weights', () => {
  it('are those only that operations read: sums and products may write into what they are given', async () => {
    const graph = lowerAffine(
      graphOf([2048], (g, x) => affine(g, matMul(g, g.map('Relu', x), noise(2048, 4)), noise(4), noise(4))),
    );
    const added = lowerAffine(
      graphOf([2048], (g, x) => affine(g, g.map('Relu', x), noise(2048), noise(2048))),
    );
    expect(await mappedFiles(graph)).to.have.length(1);
    expect(await mappedFiles(added)).to.have.length(0);
    expect(await run(added)).to.have.length(2048);
  });
});

async function mappedFiles(graph: Graph): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-'));
  try {
    await writeSavedModel(graph, { folder, weights: 'mapped' });
    return (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.bin'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
