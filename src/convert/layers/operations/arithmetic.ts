// Operations value by value, and reductions.
import { binary, clip, leakyRelu, unary, type BinaryOp, type UnaryOp } from '../../graph/ops/arithmetic.js';
import { moments, reduce, type ReductionOp } from '../../graph/ops/reduction.js';
import { reshape } from '../../graph/ops/shaping.js';
import { activationByName, celu, elu, gelu, softmaxOver } from '../activations.js';
import { unitLength } from '../live-normalization.js';
import type { Node } from '../../graph/node.js';
import { sizes } from '../layer.js';
import type { Operation, OperationCall } from './operation.js';

const two = (op: BinaryOp, ...names: readonly [string, ...string[]]): Operation => ({
  names,
  build: (call) => binary(call.g, op, call.node(0, 'x', 'x1', 'a'), call.node(1, 'y', 'x2', 'b')),
});

const one = (op: UnaryOp, ...names: readonly [string, ...string[]]): Operation => ({
  names,
  build: (call) => unary(call.g, op, call.node(0, 'x', 'features', 'input')),
});

const activation = (name: string, ...names: readonly [string, ...string[]]): Operation => ({
  names,
  build(call) {
    const apply = activationByName(name, false);
    const input = call.node(0, 'x', 'features', 'logits');
    return apply === undefined ? call.config.fail('activation', 'a known one', name) : apply(call.g, input);
  },
});

const numberOption = (
  call: OperationCall,
  at: number,
  fallback: number,
  ...names: readonly string[]
): number => {
  const value = call.option(at, ...names) ?? fallback;
  return typeof value === 'number' ? value : call.config.fail(names[0] ?? 'argument', 'a number', value);
};

/** Axes from the start; none given means all but the batch is not known to be meant, so it is refused. */
export function axesOf(
  call: OperationCall,
  input: Node,
  at: number,
  ...names: readonly string[]
): readonly number[] {
  const value = call.option(at, ...names);
  const list = Array.isArray(value) ? value : [value];
  const rank = input.shape.length;
  return list.map((axis) => {
    if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -rank || axis >= rank) {
      return call.config.fail(names[0] ?? 'axis', `axes of a tensor of ${rank} axes`, value ?? null);
    }
    const settled = axis < 0 ? axis + rank : axis;
    return settled === 0 ? call.config.fail('axis', 'an axis other than the batch', axis) : settled;
  });
}

const keepDims = (call: OperationCall): boolean => call.option(2, 'keepdims', 'keep_dims') === true;

const reduction = (op: ReductionOp, ...names: readonly [string, ...string[]]): Operation => ({
  names,
  options: { axis: 'not the batch', keepdims: '' },
  build(call) {
    const input = call.node(0, 'x', 'input_tensor', 'input');
    return reduce(call.g, op, input, axesOf(call, input, 1, 'axis'), keepDims(call));
  },
});

const spread = (root: boolean, ...names: readonly [string, ...string[]]): Operation => ({
  names,
  options: { axis: 'not the batch', keepdims: '' },
  build(call) {
    const { g } = call;
    const input = call.node(0, 'x', 'input_tensor');
    const axes = axesOf(call, input, 1, 'axis');
    const { variance } = moments(g, input, axes);
    const result = root ? unary(g, 'Sqrt', variance, { exact: true }) : variance;
    return keepDims(call)
      ? result
      : reshape(
          g,
          result,
          sizes(input).filter((_, at) => !axes.includes(at + 1)),
        );
  },
});

export const arithmetic: readonly Operation[] = [
  two('AddV2', 'Add', 'math.add', '__operators__.add'),
  two('Sub', 'Subtract', 'math.subtract', '__operators__.sub'),
  two('Mul', 'Multiply', 'math.multiply', '__operators__.mul'),
  two('RealDiv', 'TrueDivide', 'Divide', 'math.divide', 'math.truediv', '__operators__.truediv'),
  two('FloorDiv', 'FloorDivide', 'math.floordiv'),
  two('FloorMod', 'Mod', 'math.floormod'),
  two('Pow', 'Power', 'math.pow'),
  two('Maximum', 'Maximum', 'math.maximum'),
  two('Minimum', 'Minimum', 'math.minimum'),
  {
    names: ['BiasAdd', 'nn.bias_add'],
    options: { data_format: 'channels last' },
    build(call) {
      const format = call.option(2, 'data_format') ?? 'NHWC';
      if (typeof format === 'string' && format.startsWith('NC'))
        call.config.fail('data_format', 'channels last', format);
      return binary(call.g, 'AddV2', call.node(0, 'value'), call.node(1, 'bias'), { exact: true });
    },
  },
  two('SquaredDifference', 'SquaredDifference', 'math.squared_difference'),

  one('Abs', 'Absolute', 'Abs', 'math.abs'),
  one('Neg', 'Negative', 'math.negative', '__operators__.neg'),
  one('Floor', 'Floor', 'math.floor'),
  one('Exp', 'Exp', 'math.exp'),
  one('Log', 'Log', 'math.log'),
  one('Sqrt', 'Sqrt', 'math.sqrt'),
  one('Rsqrt', 'Rsqrt', 'math.rsqrt'),
  one('Square', 'Square', 'math.square'),
  one('Erf', 'Erf', 'math.erf'),
  one('Identity', 'Cast', 'StopGradient', 'cast', 'identity', 'stop_gradient', 'convert_to_tensor'),
  {
    names: ['Reciprocal', 'math.reciprocal'],
    build: (call) => binary(call.g, 'RealDiv', 1, call.node(0, 'x')),
  },
  {
    names: ['Clip', 'clip_by_value'],
    options: { x_min: '', x_max: '' },
    build: (call) =>
      clip(
        call.g,
        call.node(0, 'x', 't'),
        numberOption(call, 1, -Infinity, 'x_min', 'clip_value_min'),
        numberOption(call, 2, Infinity, 'x_max', 'clip_value_max'),
      ),
  },

  activation('relu', 'Relu', 'nn.relu'),
  activation('relu6', 'Relu6', 'nn.relu6'),
  activation('sigmoid', 'Sigmoid', 'math.sigmoid', 'nn.sigmoid'),
  activation('tanh', 'Tanh', 'math.tanh', 'nn.tanh'),
  activation('silu', 'Silu', 'nn.silu', 'nn.swish'),
  activation('mish', 'Mish'),
  activation('softplus', 'Softplus', 'math.softplus', 'nn.softplus'),
  activation('softsign', 'Softsign', 'nn.softsign'),
  activation('hard_sigmoid', 'HardSigmoid'),
  activation('hard_silu', 'HardSilu'),
  activation('selu', 'Selu', 'nn.selu'),
  activation('log_sigmoid', 'LogSigmoid'),
  {
    names: ['Elu', 'nn.elu'],
    options: { alpha: '' },
    build: (call) => elu(call.g, call.node(0, 'x', 'features'), numberOption(call, 1, 1, 'alpha')),
  },
  {
    names: ['Celu'],
    options: { alpha: '' },
    build: (call) => celu(call.g, call.node(0, 'x'), numberOption(call, 1, 1, 'alpha')),
  },
  {
    names: ['LeakyRelu', 'nn.leaky_relu'],
    options: { negative_slope: '' },
    build: (call) =>
      leakyRelu(call.g, call.node(0, 'x', 'features'), numberOption(call, 1, 0.2, 'negative_slope', 'alpha')),
  },
  {
    names: ['Gelu', 'nn.gelu'],
    options: { approximate: '' },
    build: (call) => gelu(call.g, call.node(0, 'x', 'features'), call.option(1, 'approximate') === true),
  },
  {
    names: ['Softmax', 'nn.softmax', 'compat.v1.nn.softmax'],
    options: { axis: 'not the batch' },
    build(call) {
      const input = call.node(0, 'x', 'logits');
      const axes =
        call.option(1, 'axis') === undefined ? [input.shape.length - 1] : axesOf(call, input, 1, 'axis');
      return softmaxOver(call.g, input, axes);
    },
  },

  reduction('Mean', 'Mean', 'math.reduce_mean'),
  reduction('Sum', 'Sum', 'math.reduce_sum'),
  reduction('Max', 'Max', 'math.reduce_max'),
  reduction('Min', 'Min', 'math.reduce_min'),
  reduction('Prod', 'Prod', 'math.reduce_prod'),
  spread(false, 'Var', 'math.reduce_variance'),
  spread(true, 'Std', 'math.reduce_std'),
  {
    names: ['Normalize', 'math.l2_normalize', 'linalg.l2_normalize'],
    options: { axis: 'not the batch', order: '2', epsilon: '' },
    build(call) {
      const input = call.node(0, 'x');
      if (numberOption(call, 2, 2, 'order') !== 2)
        call.config.fail('order', '2', call.config.values['order']);
      return unitLength(
        call.g,
        input,
        axesOf(call, input, 1, 'axis'),
        numberOption(call, 3, 1e-7, 'epsilon'),
      );
    },
  },
];
