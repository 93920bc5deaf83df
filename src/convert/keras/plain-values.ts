// Python values for which JSON has no spelling of its own, as each generation of Keras wrote them.
import { isObject, type JsonObject } from './config-reader.js';

/** Keras 1 and 2: NumPy's scalars and arrays (saving.get_json_type). */
const isNumpy = (value: JsonObject): boolean => value['type'] === 'ndarray' && value['value'] !== undefined;

/** tf.keras: tuples, the lists that it tracks, and shapes (json_utils.Encoder). */
const LISTS = new Set<unknown>(['__tuple__', 'ListWrapper', '_TupleWrapper', 'TensorShape']);

function plainValue(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (isNumpy(value)) return value['value'];
  return LISTS.has(value['class_name']) && Array.isArray(value['items']) ? value['items'] : value;
}

/** A config whose own values, and the items of whose lists, are plain. */
function withPlainValues(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const plain = plainValue(value);
      return [key, Array.isArray(plain) ? plain.map(plainValue) : plain];
    }),
  );
}

/** A layer as it is written, with plain values in its config. */
export const withPlainConfig = (layer: JsonObject): JsonObject =>
  isObject(layer['config']) ? { ...layer, config: withPlainValues(layer['config']) } : layer;
