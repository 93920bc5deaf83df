// Lambdas whose meaning is certain, as the layers that say the same. Their Python code is read, and never run.
import { isObject, type JsonObject } from '../config-reader.js';
import { affineOf } from './affine-code.js';

export function withoutKnownLambda(layer: JsonObject): JsonObject {
  const { class_name: className, config } = layer;
  if (className !== 'Lambda' || !isObject(config)) return layer;
  return scaledSum(layer, config) ?? rescaled(layer, config) ?? layer;
}

/** Inception-ResNet of Keras 2: `lambda inputs, scale: inputs[0] + inputs[1] * scale`, by the names of its blocks. */
function scaledSum(layer: JsonObject, config: JsonObject): JsonObject | undefined {
  const { name, arguments: given } = config;
  const scale = isObject(given) ? given['scale'] : undefined;
  const known = typeof name === 'string' && /^block(35|17|8)_\d+$/.test(name);
  if (!known || typeof scale !== 'number' || Object.keys(given as JsonObject).length !== 1) return undefined;
  return { ...layer, class_name: 'CustomScaleLayer', config: { ...config, scale } };
}

/** `lambda x: x / 127.5 - 1` */
function rescaled(layer: JsonObject, config: JsonObject): JsonObject | undefined {
  const { arguments: given, mask } = config;
  const withArguments = isObject(given) && Object.keys(given).length > 0;
  const code = codeOf(config['function']);
  if (code === undefined || withArguments || (mask !== undefined && mask !== null)) return undefined;
  const affine = affineOf(code);
  if (affine === undefined || affine.scale === 0) return undefined;
  return { ...layer, class_name: 'Rescaling', config: { ...config, ...affine } };
}

/** [code, defaults, closure] in Keras 1 and 2; an object in Keras 3. A function that needs more than itself is none. */
function codeOf(written: unknown): Buffer | undefined {
  const inner = isObject(written) ? written['config'] : undefined;
  const [code, defaults, closure]: readonly unknown[] = Array.isArray(written)
    ? (written as readonly unknown[])
    : isObject(inner)
      ? [inner['code'], inner['defaults'], inner['closure']]
      : [];
  if (typeof code !== 'string' || (defaults ?? null) !== null || (closure ?? null) !== null) return undefined;
  // Before 2.1 Keras wrote each byte as a character; a function begins with its type, which base64 spells "4" or "Y".
  return /^[\u0063\u00e3]/.test(code) ? Buffer.from(code, 'latin1') : Buffer.from(code, 'base64');
}
