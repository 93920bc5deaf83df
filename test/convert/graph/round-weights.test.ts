import { expect } from 'chai';
import { NumpyRandom } from '../../../src/convert/fidelity/numpy-random.js';
import { GraphBuilder } from '../../../src/convert/graph/builder.js';
import type { Node } from '../../../src/convert/graph/node.js';
import { conv2d, depthwiseConv2d } from '../../../src/convert/graph/ops/convolution.js';
import { matMul } from '../../../src/convert/graph/ops/products.js';
import { toBfloat16 } from '../../../src/convert/graph/passes/choose-precision.js';
import { roundKeepingSums } from '../../../src/convert/graph/round-weights.js';
import { floats, sizeOf } from '../../../src/convert/graph/tensor.js';
import { toBfloat16Bits } from '../../../src/convert/graph/bfloat16.js';

const INPUTS = 400;
const OUTPUTS = 6;

function weights(length = INPUTS * OUTPUTS): Float32Array {
  const random = new NumpyRandom(11);
  return Float32Array.from({ length }, () => (random.rand() - 0.5) / 4);
}

/** The numbers that the bits stand for. */
const widened = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
/** As each weight alone would be rounded. */
const oneByOne = (values: Float32Array): Float32Array => widened(toBfloat16Bits(values));

const keepingSums = (values: Float32Array, outputs: number): Float32Array =>
  widened(roundKeepingSums(values, outputs));

/** From a bfloat16 to the next, at this size. */
const stepAt = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
const largestStep = (values: Float32Array): number => stepAt(Math.max(...values.map(Math.abs)));

/** By how much the sum of any output's weights moved, at most. */
function largestShift(rounded: Float32Array, values: Float32Array, outputs: number): number {
  const shifts = Array.from({ length: outputs }, (_, output) =>
    rounded.reduce((sum, value, at) => (at % outputs === output ? sum + value - (values[at] ?? 0) : sum), 0),
  );
  return Math.max(...shifts.map(Math.abs));
}

describe('weights rounded to bfloat16', () => {
  it('add up to what they did, for each output', () => {
    const values = weights();
    const half = largestStep(values) / 2;
    expect(largestShift(oneByOne(values), values, OUTPUTS)).to.be.greaterThan(4 * half);
    expect(largestShift(keepingSums(values, OUTPUTS), values, OUTPUTS)).to.be.at.most(half);
  });

  it('are all one of the two nearest, and few are not the nearest', () => {
    const values = weights();
    const rounded = keepingSums(values, OUTPUTS);
    rounded.forEach((value, at) => {
      const exact = values[at] ?? 0;
      expect(Math.abs(value - exact)).to.be.at.most(0.6 * stepAt(exact), String(exact));
    });
    const moved = oneByOne(values).filter((value, at) => value !== rounded[at]).length;
    expect(moved).to.be.within(1, values.length / 20);
  });

  it('leave what is no number, and what is as large as numbers get', () => {
    const odd = Float32Array.of(NaN, Infinity, -Infinity, 3.4e38, 3.39e38, -3.39e38, 1e-45, -1e-45, 0, -0);
    expect(keepingSums(odd, 1)).to.deep.equal(oneByOne(odd));
    // Two of these, rounded down, are too small in sum by most of a step; one step up is infinity.
    const large = new Float32Array(Uint32Array.of(0x7f7f_7000, 0x7f7f_7000).buffer);
    expect(keepingSums(large, 1)).to.deep.equal(oneByOne(large));
  });

  it('are the kernels of convolutions and products in a graph, by what each adds up', () => {
    const tensor = (...shape: number[]) => floats(shape, weights(sizeOf(shape)));
    const window = { strides: [1, 1], padding: 'SAME' } as const;
    const kernels: readonly [shape: readonly number[], outputs: number, add: (g: GraphBuilder) => Node][] = [
      [[3, 3, 40, 8], 8, (g) => conv2d(g, picture(g, 40), tensor(3, 3, 40, 8), window)],
      [[9, 9, 5, 2], 10, (g) => depthwiseConv2d(g, picture(g, 5), tensor(9, 9, 5, 2), window)],
      [[300, 7], 7, (g) => matMul(g, g.add('Placeholder', { shape: [null, 300] }), tensor(300, 7))],
    ];
    for (const [shape, outputs, add] of kernels) {
      const g = new GraphBuilder();
      const last = add(g);
      const written = toBfloat16(g.finish(last.inputs[0] ?? last, last))
        .nodes.filter(({ op, dtype }) => op === 'Const' && dtype === 'bfloat16')
        .map(({ constant }) => widened(constant?.data as Uint16Array));
      expect(written).to.have.length(1);
      const values = weights(sizeOf(shape));
      const shift = largestShift(written[0] ?? new Float32Array(), values, outputs);
      expect(shift).to.be.at.most(largestStep(values) / 2, last.op);
    }
  });
});

const picture = (g: GraphBuilder, channels: number): Node =>
  g.add('Placeholder', { shape: [null, 9, 9, channels] });
