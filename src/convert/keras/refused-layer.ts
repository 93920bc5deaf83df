// Whose class a layer is of, and layers that are refused for what they are, whatever their class is called.
import { AppError } from '../../errors/app-error.js';
import type { LayerConfig } from './architecture.js';
import { isObject, type JsonObject } from './config-reader.js';

/** Modules whose classes are those of Keras; the layers of other packages may bear the same names. */
const KERAS_MODULES = /^(keras|tf_keras|tensorflow|builtins)(\.|$)/;

/**
 * The class of a layer or model, with its package where it is not of Keras: Keras 3 writes `registered_name`, such as
 * `Shop>Dense`, and the module; Keras 2 writes `Shop>Dense` for the class itself.
 */
export function qualifiedClass(outer: JsonObject, className: string): string {
  const { registered_name: registered, module } = outer;
  if (typeof registered === 'string' && registered.includes('>')) return registered;
  return typeof module === 'string' && !KERAS_MODULES.test(module) ? `${module}>${className}` : className;
}

/** Throws for weights that stand for other numbers than they are. */
export function refuseQuantised({ config }: LayerConfig): void {
  const policy = config.values['dtype'];
  if (!isObject(policy)) return;
  const kind = policy['class_name'];
  if (typeof kind === 'string' && /^Quantized/.test(kind)) {
    const mode = isObject(policy['config']) ? policy['config']['mode'] : undefined;
    const shown = typeof mode === 'string' ? mode : kind;
    throw new AppError('layer_unsupported', `${config.where} is quantised (${shown})`, {
      remedy: 'Save the model as it was before quantize().',
    });
  }
}
