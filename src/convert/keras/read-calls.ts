// How a layer was called: the `inbound_nodes` of Keras 1 and 2 (nested lists) and of Keras 3 (args and kwargs).
import type { LayerCallConfig, TensorRef } from './architecture.js';
import { ConfigReader, isObject } from './config-reader.js';

export function readCalls(layer: ConfigReader, name: string): readonly LayerCallConfig[] {
  const written = layer.values['inbound_nodes'] ?? [];
  const where = new ConfigReader({}, `layer "${name}"`);
  if (!Array.isArray(written)) return where.fail('inbound_nodes', 'a list', written);
  return written.map((call: unknown) => readCall(call, where));
}

function readCall(call: unknown, where: ConfigReader): LayerCallConfig {
  // Keras 3: { args: [...], kwargs: {...} }, tensors as objects with a history.
  if (isObject(call)) {
    const args = Array.isArray(call['args']) ? call['args'] : [];
    const kwargs = isObject(call['kwargs']) ? call['kwargs'] : {};
    return { inputs: [...tensorsIn(args), ...tensorsIn(Object.values(kwargs))], args, kwargs };
  }
  // Keras 1 and 2: [["conv2d", 0, 0, {kwargs}], ...], or one such entry alone; kwargs may hold more references.
  if (!Array.isArray(call)) return where.fail('inbound_nodes', 'a call as a list or an object', call);
  const entries: unknown[] = typeof call[0] === 'string' ? [call] : call;
  const first = entries[0];
  const written: unknown = Array.isArray(first) ? first[3] : undefined;
  const kwargs = isObject(written) ? written : {};
  const inputs = entries.filter((entry) => !isConstant(entry)).map((entry) => historyRef(entry, where));
  return {
    inputs: [...inputs, ...tensorsIn(Object.values(kwargs))],
    args: entries.map((entry) => (isConstant(entry) ? asList(entry)[2] : entry)),
    kwargs,
  };
}

/** `1 - x` in tf.keras: ["_CONSTANT_VALUE", -1, 1, { y: ["conv2d", 0, 0] }] */
const isConstant = (entry: unknown): boolean => asList(entry)[0] === '_CONSTANT_VALUE';

/** Every tensor in the arguments, in order, however deep in lists and in inputs by name. */
function tensorsIn(values: readonly unknown[], depth = 0): readonly TensorRef[] {
  if (depth > 8) return [];
  return values.flatMap((value) => {
    const ref = tensorRef(value);
    if (ref !== undefined) return [ref];
    if (isObject(value) && value['class_name'] === undefined)
      return tensorsIn(Object.values(value), depth + 1);
    return Array.isArray(value) ? tensorsIn(value, depth + 1) : [];
  });
}

/** Keras 3: { class_name: "__keras_tensor__", config: { keras_history: [...] } }; Keras 2: ["conv2d", 0, 0]. */
function tensorRef(value: unknown): TensorRef | undefined {
  const where = new ConfigReader({}, 'a Keras tensor');
  if (isObject(value) && value['class_name'] === '__keras_tensor__' && isObject(value['config'])) {
    return historyRef(value['config']['keras_history'], where);
  }
  const [layer, call, output, ...rest] = asList(value);
  if (isConstant(value)) return undefined;
  const plain = typeof layer === 'string' && typeof call === 'number' && typeof output === 'number';
  return plain && rest.every(isObject) ? { layer, call, output } : undefined;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export const isTensorRef = (value: unknown): boolean => tensorRef(value) !== undefined;

function historyRef(value: unknown, where: ConfigReader): TensorRef {
  const [layer, call, output] = asList(value);
  if (typeof layer !== 'string' || typeof call !== 'number' || typeof output !== 'number') {
    return where.fail('inbound_nodes', '["layer", call, output]', value);
  }
  return { layer, call, output };
}

/** `input_layers` and `output_layers`: a list of references, or (Keras 3) references by name, or one alone. */
export function readRefs(config: ConfigReader, key: string): readonly TensorRef[] {
  const written = config.values[key];
  const value: unknown = isObject(written) ? Object.values(written) : written;
  if (!Array.isArray(value)) return config.fail(key, 'a list', value);
  const entries: unknown[] = typeof value[0] === 'string' ? [value] : value;
  return entries.map((entry) => historyRef(entry, config));
}
