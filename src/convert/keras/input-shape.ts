// The shapes of a model's inputs, from its input layers.
import { AppError } from '../../errors/app-error.js';
import type { Architecture, LayerConfig } from './architecture.js';

export type InputShape = readonly (number | null)[];

/** Batch first, as null. A nested model's input layer tells where the outer one does not. */
export function inputShapes(architecture: Architecture): readonly InputShape[] {
  return architecture.inputs.map((ref) => {
    const layer = architecture.layers.find((candidate) => candidate.name === ref.layer);
    const shape = layer === undefined ? undefined : shapeOf(layer);
    if (shape === undefined) {
      throw new AppError(
        'config_malformed',
        `the input "${ref.layer}" of model "${architecture.name}" has no shape`,
        {
          remedy: 'Give the model an Input layer with its shape and save it again.',
        },
      );
    }
    return shape;
  });
}

/** That of the picture, which is all that can be served to a model. */
export function onlyInputShape(architecture: Architecture): InputShape {
  const [shape, ...others] = inputShapes(architecture);
  if (shape !== undefined && others.length === 0) return shape;
  throw new AppError(
    'not_a_classifier',
    `the model has ${architecture.inputs.length} inputs; one picture is what can be served`,
  );
}

function shapeOf(layer: LayerConfig): InputShape | undefined {
  const { config } = layer;
  // Keras 3 says batch_shape, Keras 1 and 2 batch_input_shape.
  const key = config.has('batch_shape') ? 'batch_shape' : 'batch_input_shape';
  const value = config.values[key];
  if (value === undefined || value === null)
    return layer.inner === undefined ? undefined : inputShapes(layer.inner)[0];
  const valid = (size: unknown): size is number | null =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  if (!Array.isArray(value) || value.length < 2 || !value.every(valid))
    return config.fail(key, 'a shape, batch first', value);
  return [null, ...value.slice(1)];
}
