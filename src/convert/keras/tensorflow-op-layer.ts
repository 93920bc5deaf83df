// TensorFlowOpLayer: how tf.keras 2.0 to 2.3 wrote `x / 127.5`: the operation's NodeDef, and those of its inputs that
// were constants by their position. Here it becomes a call of an operation on Keras tensors, which later ones wrote.
import { isObject, type JsonObject } from './config-reader.js';

/** Operations whose inputs say everything, under Keras 3's names for them. */
const OPERATIONS: Readonly<Record<string, string>> = {
  AddV2: 'Add',
  Sub: 'Subtract',
  Mul: 'Multiply',
  RealDiv: 'TrueDivide',
  FloorDiv: 'FloorDivide',
  FloorMod: 'Mod',
  Pow: 'Power',
  Neg: 'Negative',
  Abs: 'Absolute',
  Identity: 'identity',
  ...sameName('Maximum', 'Minimum', 'SquaredDifference', 'Floor', 'Exp', 'Log', 'Sqrt', 'Rsqrt', 'Square'),
  ...sameName('Relu', 'Relu6', 'Elu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Softmax'),
  ...sameName('Mean', 'Sum', 'Max', 'Min', 'Prod', 'Reshape', 'Transpose'),
};

export function asOperationCall(layer: JsonObject): JsonObject {
  const { class_name: className, config, inbound_nodes: calls } = layer;
  if (className !== 'TensorFlowOpLayer' || !isObject(config)) return layer;
  const node = config['node_def'];
  const op = isObject(node) ? node['op'] : undefined;
  if (!isObject(node) || typeof op !== 'string' || !Array.isArray(calls)) return layer;
  const constants = isObject(config['constants']) ? config['constants'] : {};
  const known = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op] : undefined;
  if (known === undefined) return { ...layer, class_name: `TensorFlowOpLayer with ${op}` };
  const kwargs = keepsDims(node['attr']) ? { keepdims: true } : {};
  return {
    ...layer,
    class_name: 'TFOpLambda',
    config: { ...config, function: known },
    inbound_nodes: calls.map((call: unknown) => ({ args: withConstants(call, constants), kwargs })),
  };
}

/** The tensors of a call take the places that constants leave. */
function withConstants(call: unknown, constants: JsonObject): readonly unknown[] {
  const entries: readonly unknown[] = Array.isArray(call)
    ? typeof call[0] === 'string'
      ? [call]
      : call
    : [];
  const tensors = entries.values();
  return Array.from({ length: entries.length + Object.keys(constants).length }, (_, at) =>
    Object.hasOwn(constants, String(at)) ? constants[String(at)] : tensors.next().value,
  );
}

/** Reductions alone have it. */
function keepsDims(attributes: unknown): boolean {
  const written = isObject(attributes) ? attributes['keep_dims'] : undefined;
  return isObject(written) && written['b'] === true;
}

function sameName(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
