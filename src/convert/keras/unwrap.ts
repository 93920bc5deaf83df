// Wrappers of TensorFlow's model optimization toolkit, which act while training only: the layer inside is what serves.
import { isObject, type JsonObject } from './config-reader.js';

export interface Unwrapped {
  readonly layer: JsonObject;
  readonly unwrapped?: { readonly wrapperClass: string; readonly innerName: string };
}

const WRAPPERS = new Set(['PruneLowMagnitude', 'QuantizeAnnotate', 'QuantizeWrapper', 'QuantizeWrapperV2']);

/** Whether weights were trained to survive a rounding that is not done here. */
export const roundsWhileServing = (wrapperClass: string): boolean => /^QuantizeWrapper/.test(wrapperClass);

/** Classes may be registered under their package: `tensorflow_model_optimization>QuantizeWrapperV2`. */
const plainName = (className: string): string => className.replace(/^.*>/, '');

export function unwrap(layer: JsonObject): Unwrapped {
  const { class_name: className, config } = layer;
  if (typeof className !== 'string' || !isObject(config)) return { layer };
  const wrapper = plainName(className);
  // The rounding of the input, as a layer of its own.
  if (wrapper === 'QuantizeLayer') {
    return { layer: { ...layer, class_name: 'Activation', config: { ...config, activation: 'linear' } } };
  }
  const inner = config['layer'];
  if (!WRAPPERS.has(wrapper) || !isObject(inner) || !isObject(inner['config'])) return { layer };
  const { name, batch_input_shape: shape } = config;
  const innerName = inner['config']['name'];
  return {
    layer: {
      ...inner,
      // Other layers, and the file, know it by the wrapper's name.
      name: layer['name'] ?? name,
      config: {
        ...(shape === undefined ? {} : { batch_input_shape: shape }),
        ...inner['config'],
        name: name ?? innerName,
        activation: plainActivation(inner['config']['activation']),
      },
      inbound_nodes: layer['inbound_nodes'] ?? [],
    },
    unwrapped: { wrapperClass: wrapper, innerName: typeof innerName === 'string' ? innerName : '' },
  };
}

/** { class_name: QuantizeAwareActivation, config: { activation: "relu" } } */
function plainActivation(activation: unknown): unknown {
  if (!isObject(activation)) return activation;
  const kind = plainName(String(activation['class_name']));
  if (kind === 'NoOpActivation') return 'linear';
  return kind === 'QuantizeAwareActivation' && isObject(activation['config'])
    ? plainActivation(activation['config']['activation'])
    : activation;
}
