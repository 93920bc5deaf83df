// Keras's activations by name: one table for the Activation layer, every layer's `activation` option, and operations.
import { AppError } from '../../errors/app-error.js';
import { isObject } from '../keras/config-reader.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { binary, clip, leakyRelu, unary, whereGreater, type UnaryOp } from '../graph/ops/arithmetic.js';
import { reduce } from '../graph/ops/reduction.js';
import { slice } from '../graph/ops/shaping.js';
import type { LayerCall } from './layer.js';

type Activation = (g: GraphBuilder, input: Node) => Node;

const simple =
  (op: UnaryOp): Activation =>
  (g, input) =>
    unary(g, op, input);

/** Along one axis, the last one by default. */
export function softmax(g: GraphBuilder, input: Node): Node {
  return g.map('Softmax', input);
}

const SQRT_HALF = Math.SQRT1_2;
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** x * 0.5 * (1 + erf(x / sqrt(2))), or its older approximation by tanh. */
export function gelu(g: GraphBuilder, input: Node, approximate: boolean): Node {
  const bent = approximate
    ? unary(
        g,
        'Tanh',
        binary(
          g,
          'Mul',
          binary(
            g,
            'AddV2',
            input,
            binary(g, 'Mul', binary(g, 'Mul', unary(g, 'Square', input), input), 0.044715),
          ),
          SQRT_2_OVER_PI,
        ),
      )
    : unary(g, 'Erf', binary(g, 'Mul', input, SQRT_HALF));
  return binary(g, 'Mul', input, binary(g, 'Mul', binary(g, 'AddV2', bent, 1), 0.5));
}

/** alpha * (exp(x) - 1) below zero. */
export function elu(g: GraphBuilder, input: Node, alpha: number): Node {
  const plain = unary(g, 'Elu', input);
  return alpha === 1 ? plain : whereGreater(g, input, 0, input, binary(g, 'Mul', plain, alpha));
}

export const celu = (g: GraphBuilder, input: Node, alpha: number): Node => {
  const below = binary(
    g,
    'Mul',
    unary(g, 'Elu', binary(g, 'RealDiv', binary(g, 'Minimum', input, 0), alpha)),
    alpha,
  );
  return binary(g, 'AddV2', unary(g, 'Relu', input), below);
};

/** relu6(x + 3) / 6: Keras 3. Keras 1 and 2 had clip(0.2 x + 0.5, 0, 1). */
export const hardSigmoid: Activation = (g, input) =>
  binary(g, 'Mul', unary(g, 'Relu6', binary(g, 'AddV2', input, 3)), 1 / 6);
export const oldHardSigmoid: Activation = (g, input) =>
  clip(g, binary(g, 'AddV2', binary(g, 'Mul', input, 0.2), 0.5), 0, 1);

const silu: Activation = (g, input) => binary(g, 'Mul', input, unary(g, 'Sigmoid', input));
const hardSilu: Activation = (g, input) => binary(g, 'Mul', input, hardSigmoid(g, input));
const shifted = (g: GraphBuilder, input: Node, by: number): Node => binary(g, 'AddV2', input, by);

/** The half of the last axis that the other half gates. */
export const glu = (g: GraphBuilder, input: Node, axis = input.shape.length - 1): Node => {
  const size = Number(input.shape[axis]);
  if (size % 2 !== 0) throw new RangeError(`glu halves an axis; ${size} is odd`);
  const half = (start: number, stop: number): Node =>
    slice(
      g,
      input,
      input.shape.map((_, at) => (at === axis ? { start, stop } : {})),
    );
  return binary(g, 'Mul', half(0, size / 2), unary(g, 'Sigmoid', half(size / 2, size)));
};

export const activations: Readonly<Record<string, Activation>> = {
  linear: (_, input) => input,
  relu: simple('Relu'),
  relu6: simple('Relu6'),
  leaky_relu: (g, input) => leakyRelu(g, input, 0.2),
  elu: simple('Elu'),
  selu: simple('Selu'),
  celu: (g, input) => celu(g, input, 1),
  gelu: (g, input) => gelu(g, input, false),
  silu,
  swish: silu,
  mish: (g, input) => binary(g, 'Mul', input, unary(g, 'Tanh', unary(g, 'Softplus', input))),
  sigmoid: simple('Sigmoid'),
  hard_sigmoid: hardSigmoid,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  tanh: simple('Tanh'),
  hard_tanh: (g, input) => clip(g, input, -1, 1),
  tanh_shrink: (g, input) =>
    binary(g, 'Sub', input, unary(g, 'Tanh', input, { exact: true }), { exact: true }),
  hard_shrink: (g, input) => whereGreater(g, unary(g, 'Abs', input), 0.5, input, 0),
  soft_shrink: (g, input) =>
    binary(
      g,
      'Sub',
      unary(g, 'Relu', shifted(g, input, -0.5)),
      unary(g, 'Relu', binary(g, 'Sub', -0.5, input)),
    ),
  softplus: simple('Softplus'),
  softsign: simple('Softsign'),
  squareplus: (g, input) =>
    binary(
      g,
      'Mul',
      binary(g, 'AddV2', input, unary(g, 'Sqrt', binary(g, 'AddV2', unary(g, 'Square', input), 4))),
      0.5,
    ),
  sparse_plus: (g, input) => {
    const between = binary(g, 'Mul', unary(g, 'Square', shifted(g, input, 1)), 0.25);
    return whereGreater(g, input, 1, input, whereGreater(g, input, -1, between, 0));
  },
  sparse_sigmoid: (g, input) => clip(g, binary(g, 'Mul', shifted(g, input, 1), 0.5), 0, 1),
  exponential: simple('Exp'),
  log_sigmoid: (g, input) => unary(g, 'Neg', unary(g, 'Softplus', unary(g, 'Neg', input))),
  softmax,
  // tf.nn.softmax goes by this name in TensorFlow 2.
  softmax_v2: softmax,
  log_softmax: (g, input) => g.map('LogSoftmax', input),
  glu,
};

/** An activation by name; `old` is of Keras 1 and 2, which meant another hard_sigmoid. */
export function activationByName(name: string, old: boolean): Activation | undefined {
  if (old && name === 'hard_sigmoid') return oldHardSigmoid;
  // tf.keras wrote names of its own registry, such as "Custom>relu6" or "keras_applications>hard_swish".
  const plain = name.split('>').at(-1) ?? name;
  return Object.hasOwn(activations, plain) ? activations[plain] : undefined;
}

/** A lambda, as Keras 3 wrote it before and since 3.6. */
const isPython = (written: unknown): boolean =>
  isObject(written) && (written['class_name'] === '__lambda__' || Array.isArray(written['value']));

/** Applies the option `activation`, or another: a name, a function or a layer that carries one, or nothing. */
export function activate(
  { g, config, kerasMajor, wrapped }: LayerCall,
  input: Node,
  option = 'activation',
): Node {
  const written = config.values[option] ?? 'linear';
  if (isPython(written)) {
    throw new AppError(
      'layer_unsupported',
      `${config.where}: its ${option} is Python bytecode, which is never run here`,
      {
        remedy:
          'Rebuild the model with an activation that has a name, copy the weights over and save it again.',
      },
    );
  }
  if (isObject(written) && isObject(written['config'])) return wrapped(option, [input]);
  // Keras 3 writes a function as { class_name: "function", config: "silu" }.
  const name = isObject(written) ? written['config'] : written;
  if (typeof name !== 'string') return config.fail(option, 'the name of an activation', written);
  const apply = activationByName(name, kerasMajor < 3);
  if (apply === undefined) {
    throw new AppError(
      'layer_unsupported',
      `${config.where}: the activation ${JSON.stringify(name)} is not known`,
    );
  }
  return apply(g, input);
}

/** Softmax over one axis or several: TensorFlow has it over the last one only. */
export function softmaxOver(g: GraphBuilder, input: Node, axes: readonly number[]): Node {
  if (axes.length === 1 && axes[0] === input.shape.length - 1) return softmax(g, input);
  const centred = binary(g, 'Sub', input, reduce(g, 'Max', input, axes, true, { exact: true }), {
    exact: true,
  });
  const powers = unary(g, 'Exp', centred, { exact: true });
  return binary(g, 'RealDiv', powers, reduce(g, 'Sum', powers, axes, true, { exact: true }), { exact: true });
}
