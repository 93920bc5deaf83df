// Operations on Keras tensors (`x + 1`, ops.relu(x), x[:, 0]): Keras 3 lists them as layers of its ops modules,
// tf.keras as TFOpLambda layers that name a function. Both become one kind of layer here.
import type { Node } from '../../graph/node.js';
import type { GraphBuilder } from '../../graph/builder.js';
import type { ConfigReader } from '../../keras/config-reader.js';
import type { LayerCall, LayerSpec } from '../layer.js';
import { asNode, ValueReader, type Value } from './operand.js';

export interface OperationCall {
  readonly g: GraphBuilder;
  readonly config: ConfigReader;
  /** Positional arguments; those that were given by name follow under `named`. */
  readonly args: readonly Value[];
  readonly named: Readonly<Record<string, Value>>;
  /** The argument at a position, or by one of its names, as a node. */
  node(at: number, ...names: readonly string[]): Node;
  /** An argument or, as Keras 3 has it, an option of the config. */
  option(at: number, ...names: readonly string[]): Value | undefined;
}

export interface Operation {
  /** Keras 3's class, then names of the functions that tf.keras wrote. */
  readonly names: readonly [string, ...string[]];
  readonly options?: Readonly<Record<string, string>>;
  build(call: OperationCall): Node | readonly Node[];
}

/** Keras 3's Add layer and its Add operation share a name: operations are told by their module. */
export const OPERATION_PREFIX = 'ops.';

export function operationLayer(operation: Operation): LayerSpec {
  const [name, ...others] = operation.names;
  return {
    names: [OPERATION_PREFIX + name, ...others.map((other) => OPERATION_PREFIX + other)],
    options: operation.options ?? {},
    build: (call) => operation.build(operationCall(call)),
  };
}

function operationCall({ g, config, inputs, call }: LayerCall): OperationCall {
  const reader = new ValueReader(inputs, config);
  const args = call.args.map((written) => reader.read(written));
  const named = Object.fromEntries(
    Object.entries(call.kwargs).map(([key, written]) => [key, reader.read(written)]),
  );
  const option = (at: number, ...names: readonly string[]): Value | undefined => {
    const found = names.map((name) => named[name]).find((value) => value !== undefined);
    if (found !== undefined) return found;
    if (args[at] !== undefined) return args[at];
    const key = names.find((name) => config.values[name] !== undefined);
    return key === undefined ? undefined : new ValueReader([], config).read(config.values[key]);
  };
  return { g, config, args, named, option, node: (at, ...names) => asNode(g, option(at, ...names), config) };
}
