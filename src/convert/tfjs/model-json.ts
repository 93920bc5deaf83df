// model.json of TensorFlow.js: the topology (layers or a graph) and where the weights are.
import path from 'node:path';
import * as z from 'zod';
import { AppError } from '../../errors/app-error.js';
import { isObject, type JsonObject } from '../keras/config-reader.js';

const quantisationSchema = z.union([
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
  z.object({ dtype: z.literal('float16') }),
]);

const weightSchema = z.object({
  name: z.string().min(1),
  shape: z.array(z.number().int().min(0)),
  dtype: z.string(),
  quantization: quantisationSchema.optional(),
});

const modelSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()).min(1), weights: z.array(weightSchema) })),
  signature: z.unknown().optional(),
  userDefinedMetadata: z.unknown().optional(),
});

export type Quantisation = z.infer<typeof quantisationSchema>;
export type WeightEntry = z.infer<typeof weightSchema>;
export type ModelJson = z.infer<typeof modelSchema>;

export function parseModelJson(text: string, file: string): ModelJson {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new AppError('checkpoint_damaged', `${file} is not JSON, or is cut short`, { cause });
  }
  if (!isObject(value) || value['modelTopology'] === undefined) {
    throw new AppError(
      'checkpoint_unsupported',
      `${file} is JSON, but not a model of TensorFlow.js: it has no modelTopology`,
    );
  }
  const parsed = modelSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    'checkpoint_damaged',
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

/** The files of weights, each inside the folder of model.json: a manifest by a stranger could name any file. */
export function shardFiles(
  { weightsManifest }: Pick<ModelJson, 'weightsManifest'>,
  file: string,
): readonly (readonly string[])[] {
  const folder = path.dirname(file);
  return weightsManifest.map(({ paths }) =>
    paths.map((name) => {
      if (/^[^\\:]+$/.test(name) && !path.isAbsolute(name) && !name.split('/').includes('..'))
        return path.join(folder, name);
      throw new AppError(
        'checkpoint_unsupported',
        `${file}: the weights are said to be in "${name}", which is not below the model's folder`,
        {
          remedy: 'Put the weights beside model.json and name them there without folders above.',
        },
      );
    }),
  );
}

/** The Keras config of a model in layers format: the converter puts it into `model_config`, tfjs itself does not. */
export function layersConfig({ modelTopology }: ModelJson): JsonObject | undefined {
  const { model_config: config = modelTopology } = modelTopology;
  return isObject(config) && typeof config['class_name'] === 'string' ? config : undefined;
}
