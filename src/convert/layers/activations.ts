// Keras's activations by name: one table for the Activation layer and for every layer's `activation` option.
import { AppError } from '../../errors/app-error.js';
import type { ConfigReader } from '../keras/config-reader.js';
import { isObject } from '../keras/config-reader.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';

type Activation = (g: GraphBuilder, input: Node) => Node;

const identity: Activation = (_, input) => input;

export const activations: Readonly<Record<string, Activation>> = {
  linear: identity,
  relu: (g, input) => g.map('Relu', input),
  relu6: (g, input) => g.map('Relu6', input),
  elu: (g, input) => g.map('Elu', input),
  selu: (g, input) => g.map('Selu', input),
  sigmoid: (g, input) => g.map('Sigmoid', input),
  tanh: (g, input) => g.map('Tanh', input),
  softplus: (g, input) => g.map('Softplus', input),
  softsign: (g, input) => g.map('Softsign', input),
  exponential: (g, input) => g.map('Exp', input),
  softmax: (g, input) => g.map('Softmax', input),
};

/** Applies the option `activation`: a name, an object that carries one, or nothing. */
export function activate(g: GraphBuilder, config: ConfigReader, input: Node): Node {
  const written = config.values['activation'] ?? 'linear';
  const name = isObject(written) ? (written['class_name'] ?? written['config']) : written;
  if (typeof name !== 'string') return config.fail('activation', 'the name of an activation', written);
  const apply = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (apply === undefined) {
    throw new AppError('layer_unsupported', `${config.where}: the activation ${JSON.stringify(name)} is not known`);
  }
  return apply(g, input);
}
