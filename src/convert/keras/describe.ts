// What can be told of an architecture without building it.
import type { Architecture, LayerConfig } from './architecture.js';
import { roundsWhileServing } from './unwrap.js';

/** Layer kinds in order, in Keras's snake case: conv2d, max_pooling2d; nested models are opened. */
export const listLayers = (architecture: Architecture): string[] =>
  architecture.layers.flatMap((layer) =>
    layer.inner === undefined ? [snakeCase(layer.className)] : listLayers(layer.inner),
  );

/** keras.src.utils.naming.to_snake_case */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** What layers that prepare pictures are set to; only what their kind is known by. */
const PREPARING: Readonly<Record<string, readonly string[]>> = {
  Rescaling: ['scale', 'offset'],
  Normalization: ['mean', 'variance'],
  Resizing: ['height', 'width', 'interpolation'],
  CenterCrop: ['height', 'width'],
};

export const describePreprocessing = (architecture: Architecture): readonly string[] =>
  flat(architecture.layers).flatMap(({ className, name, config }) => {
    const options = Object.hasOwn(PREPARING, className) ? PREPARING[className] : undefined;
    if (options === undefined) return [];
    const said = options
      .filter((option) => config.has(option))
      .map((option) => `${option} ${JSON.stringify(config.values[option])}`);
    return [`${className} "${name}"${said.length === 0 ? '' : `: ${said.join(', ')}`}`];
  });

/** What the user of a model ought to know of how it was read. */
export function noticesOf(architecture: Architecture): readonly string[] {
  const rounded = flat(architecture.layers).some(
    ({ unwrapped }) => unwrapped !== undefined && roundsWhileServing(unwrapped.wrapperClass),
  );
  return rounded
    ? [
        'The model was trained for 8-bit arithmetic; it is served without that rounding, which changes probabilities a little.',
      ]
    : [];
}

/** Layers of nested models in their place. */
export const flat = (layers: readonly LayerConfig[]): readonly LayerConfig[] =>
  layers.flatMap((layer) => (layer.inner === undefined ? [layer] : flat(layer.inner.layers)));

/** Whether its pictures have the channels before height and width: its first layer that cares says so. */
export const isChannelsFirst = ({ layers }: Architecture): boolean =>
  flat(layers).find(({ config }) => config.has('data_format'))?.config.values['data_format'] ===
  'channels_first';
