// What the converter tells of a SavedModel that it made.
import * as z from 'zod';

export const conversionSchema = z.object({
  /** Batch first, as null. */
  inputShape: z.array(z.number().int().nullable()),
  inputDtype: z.enum(['uint8', 'float32']),
  outputShape: z.array(z.number().int().nullable()),
  /** As the checkpoint has it, before the image head was put on. */
  modelInputShape: z.array(z.number().int().nullable()),
  /** Whether `modelInputShape` has its channels before its height, as tensors of numbers then do. */
  channelsFirst: z.boolean(),
  modelOutputShape: z.array(z.number().int().nullable()),
  totalParameters: z.number().int(),
  architecture: z.array(z.string()),
  kerasVersion: z.string().nullable(),
  precision: z.enum(['float32', 'bfloat16']),
  /** The largest batch, where the graph was exported for so many pictures and no more. */
  maxBatch: z.number().int().positive().optional(),
  /** What was assumed because neither checkpoint nor manifest said it. */
  notices: z.array(z.string()),
});

export type Conversion = Readonly<z.infer<typeof conversionSchema>>;

/** The same of a folder that was just written. */
export const convertedSchema = conversionSchema.extend({
  /** SHA-256 of each file, by its place in the folder. */
  files: z.record(z.string(), z.string()),
});

export type Converted = Readonly<z.infer<typeof convertedSchema>>;
