import { expect } from 'chai';
import { NumpyRandom } from '../../../src/convert/fidelity/numpy-random.js';
import { GraphBuilder } from '../../../src/convert/graph/builder.js';
import type { Node } from '../../../src/convert/graph/node.js';
import { biasAdd, conv2d, depthwiseConv2d } from '../../../src/convert/graph/ops/convolution.js';
import { matMul } from '../../../src/convert/graph/ops/products.js';
import { toBfloat16 } from '../../../src/convert/graph/passes/choose-precision.js';
import { roundKeepingSums } from '../../../src/convert/graph/round-weights.js';
import { floats, sizeOf } from '../../../src/convert/graph/tensor.js';
import { fromBfloat16Bits, toBfloat16Bits } from '../../../src/convert/graph/bfloat16.js';

const INPUTS = 400;
const OUTPUTS = 6;

function weights(length = INPUTS * OUTPUTS): Float32Array {
  const random = new NumpyRandom(11);
  return Float32Array.from({ length }, () => (random.rand() - 0.5) / 4);
}

/** As each weight alone would be rounded. */
const oneByOne = (values: Float32Array): Float32Array => fromBfloat16Bits(toBfloat16Bits(values));

const keepingSums = (values: Float32Array, outputs: number, bias?: Float32Array): Float32Array =>
  fromBfloat16Bits(roundKeepingSums(values.slice(), outputs, bias));

/** From a bfloat16 to the next, at this size. */
const stepAt = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
const largestStep = (values: Float32Array): number => stepAt(Math.max(...values.map(Math.abs)));

const sums = (values: Float32Array, outputs: number): readonly number[] =>
  Array.from({ length: outputs }, (_, output) =>
    values.reduce((sum, value, at) => (at % outputs === output ? sum + value : sum), 0),
  );

/** By how much the sum of any output's weights moved, at most. */
function largestShift(rounded: Float32Array, values: Float32Array, outputs: number): number {
  const shifts = sums(
    rounded.map((value, at) => value - (values[at] ?? 0)),
    outputs,
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

  it('add up far more closely where there are few for an output', () => {
    const outputs = 50;
    const values = weights(9 * outputs);
    values.fill(0.125, 0, outputs);
    const rounded = keepingSums(values, outputs);
    expect(largestShift(rounded, values, outputs)).to.be.below(
      largestShift(oneByOne(values), values, outputs) / 8,
    );
    rounded.forEach((value, at) => {
      const exact = values[at] ?? 0;
      expect(Math.abs(value - exact)).to.be.below(stepAt(exact), String(exact));
    });
    expect(rounded.subarray(0, outputs).every((value) => value === 0.125)).to.equal(true);
  });

  describe('before a bias', () => {
    const MEAN = 2.5;
    /** The mean output of each, as rounded and as it was, differ by this much at most. */
    const largestError = (rounded: Float32Array, values: Float32Array, bias: Float32Array): number => {
      const errors = oneByOne(bias).map((value, output) => value - (bias[output] ?? 0));
      const shifts = sums(
        rounded.map((value, at) => value - (values[at] ?? 0)),
        bias.length,
      );
      return Math.max(...shifts.map((shift, output) => Math.abs(MEAN * shift + (errors[output] ?? 0))));
    };
    const outputs = 24;
    const values = weights(INPUTS * outputs);
    const noise = weights(outputs);
    const centring = Float32Array.from(
      sums(values, outputs),
      (sum, output) => -MEAN * sum + (noise[output] ?? 0),
    );

    it('take over what it errs by, where it is there to centre the outputs', () => {
      const error = largestError(keepingSums(values, outputs), values, centring);
      expect(largestError(keepingSums(values, outputs, centring), values, centring)).to.be.below(error / 4);
    });

    it('keep their own sums where it has nothing to do with them, or is all zeros', () => {
      for (const bias of [noise, new Float32Array(outputs)])
        expect(keepingSums(values, outputs, bias)).to.deep.equal(keepingSums(values, outputs));
      const zeros = new Float32Array(values.length);
      expect(keepingSums(zeros, outputs, noise)).to.deep.equal(zeros);
    });

    it('do so in a graph, whose bias is a node behind them', () => {
      const g = new GraphBuilder();
      const window = { strides: [1, 1], padding: 'SAME' } as const;
      const product = conv2d(g, picture(g, INPUTS), floats([1, 1, INPUTS, outputs], values), window);
      const last = biasAdd(g, product, floats([outputs], centring));
      const [kernel] = toBfloat16(g.finish(product.inputs[0] ?? last, last))
        .nodes.map(({ constant }) => constant)
        .filter((constant) => constant?.dtype === 'bfloat16');
      expect(fromBfloat16Bits(kernel?.data as Uint16Array)).to.deep.equal(
        keepingSums(values, outputs, centring),
      );
    });
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
        .map(({ constant }) => fromBfloat16Bits(constant?.data as Uint16Array));
      expect(written).to.have.length(1);
      const values = weights(sizeOf(shape));
      const shift = largestShift(written[0] ?? new Float32Array(), values, outputs);
      expect(shift).to.be.at.most(largestStep(values) / 2, last.op);
    }
  });
});

const picture = (g: GraphBuilder, channels: number): Node =>
  g.add('Placeholder', { shape: [null, 9, 9, channels] });
