// What is told of the models: in short (GET /models), of one model, of one version.
import * as z from 'zod';
import { nameParameter } from './parameters.js';

export const modelInfoQuerySchema = z.object({
  model: nameParameter.optional(),
  version: nameParameter.optional(),
});

const shape = z.string().describe('As Keras writes it: "(None, 28, 28, 1)".');
const perChannel = z.union([z.number(), z.array(z.number())]);

export const modelInfoSchema = z
  .object({
    model: z.string(),
    model_version: z.string(),
    status: z.literal('ready'),
    default: z.boolean().describe('Whether it answers when a request names no model.'),
    title: z.string(),
    model_accuracy: z.number().nullable().describe('What the manifest says.'),
    input_shape: shape,
    output_shape: shape,
    total_parameters: z.int().nonnegative(),
    layers: z.int().nonnegative().describe('How many layers, the input among them.'),
    architecture: z.array(z.string()).describe('The kinds of the layers behind the input, in order.'),
    precision: z.enum(['float32', 'bfloat16']),
    keras_version: z.string().nullable(),
    source_hash: z.string().describe('SHA-256 of the checkpoint.'),
    top_k: z.int().positive().describe('Predictions in an answer, unless a request or TOP_K says otherwise.'),
    labels: z.array(z.string()),
    input: z
      .object({
        height: z.int().positive(),
        width: z.int().positive(),
        channels: z.int().positive(),
        scale: z
          .union([z.string(), z.object({ mean: perChannel, std: perChannel })])
          .describe('How pixels are scaled; where it is "auto", `notices` tell what was taken.'),
        fit: z.string(),
        kernel: z.string(),
        invert: z.union([z.boolean(), z.literal('auto')]),
        background: z.int().min(0).max(255),
      })
      .describe('What becomes of a picture before the model sees it.'),
    notices: z.array(z.string()).describe('What was assumed because nothing said otherwise.'),
  })
  .meta({ id: 'ModelInfo' });

export const failedModelSchema = z
  .object({
    model: z.string(),
    model_version: z.string().nullable(),
    status: z.literal('failed'),
    code: z.string(),
    detail: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'FailedModel' });

const modelSummarySchema = modelInfoSchema
  .pick({
    model: true,
    model_version: true,
    status: true,
    default: true,
    title: true,
    model_accuracy: true,
    input_shape: true,
    output_shape: true,
    precision: true,
  })
  .meta({ id: 'ModelSummary' });

const summarySchema = z.discriminatedUnion('status', [modelSummarySchema, failedModelSchema]);

export const modelListSchema = z
  .object({
    default_model: z.string().nullable(),
    models: z.array(summarySchema).describe('Every version on disk, also those that could not be loaded.'),
  })
  .meta({ id: 'ModelList' });

export const modelVersionSchema = z.discriminatedUnion('status', [modelInfoSchema, failedModelSchema]);

export const modelSchema = z
  .object({
    model: z.string(),
    serving_version: z
      .string()
      .nullable()
      .describe('The version that answers when a request names none; null where none could be loaded.'),
    versions: z.array(modelVersionSchema),
  })
  .meta({ id: 'Model' });

export type ModelInfoBody = z.infer<typeof modelInfoSchema>;
export type ModelSummary = z.infer<typeof modelSummarySchema>;
export type FailedModelBody = z.infer<typeof failedModelSchema>;
export type ModelListBody = z.infer<typeof modelListSchema>;
export type ModelBody = z.infer<typeof modelSchema>;
