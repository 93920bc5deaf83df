// What can be told of an architecture without building it.
import type { Architecture, LayerConfig } from './architecture.js';

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

const SCALING = new Set(['Rescaling', 'Normalization']);
/** Layers that a scaling layer may stand behind. */
const BEFORE_SCALING = new Set([
  'InputLayer',
  'Resizing',
  'CenterCrop',
  'RandomFlip',
  'RandomRotation',
  'RandomZoom',
]);

const flatten = (layers: readonly LayerConfig[]): readonly LayerConfig[] =>
  layers.flatMap((layer) => (layer.inner === undefined ? [layer] : flatten(layer.inner.layers)));

/** Whether the model scales pixels itself, so that it wants them as they are. */
export function startsWithScaling({ layers }: Architecture): boolean {
  const first = flatten(layers).find((layer) => !BEFORE_SCALING.has(layer.className));
  return first !== undefined && SCALING.has(first.className);
}

/** Whether its pictures have the channels before height and width: its first layer that cares says so. */
export const isChannelsFirst = ({ layers }: Architecture): boolean =>
  flatten(layers).find(({ config }) => config.has('data_format'))?.config.values['data_format'] ===
  'channels_first';
