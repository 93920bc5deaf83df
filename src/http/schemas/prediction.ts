// What POST /predict takes in its query, and what it answers.
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/)
  .describe('a name of at most 64 letters, digits, ".", "_" and "-"');

/** The descriptions finish the sentence "expected ..." of a refusal. */
export const predictQuerySchema = z.object({
  model: name.optional(),
  version: name.optional(),
  top_k: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .pipe(z.int().max(1000))
    .optional()
    .describe('an integer from 1 to 1000'),
  all: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('"true" or "false"'),
});

const probability = z.number().min(0).max(1);
const milliseconds = z.number().nonnegative();

export const timingsSchema = z.object({
  receive: milliseconds.describe('From the arrival of the request to the last byte of the image.'),
  decode: milliseconds,
  queue: milliseconds.describe('Waiting for companions and a worker.'),
  inference: milliseconds.describe('The batch that this image was in.'),
  total: milliseconds,
});

export const predictionSchema = z.object({
  request_id: z.string(),
  model: z.string(),
  model_version: z.string(),
  predicted_class: z.string(),
  predicted_digit: z.int().optional().describe('Only where the labels are the digits 0 to 9.'),
  confidence: probability,
  predictions: z
    .array(z.object({ label: z.string(), index: z.int(), probability }))
    .describe('The most probable classes, best first.'),
  all_probabilities: z
    .record(z.string(), probability)
    .optional()
    .describe('By label; for models of more than 100 labels only with ?all=true.'),
  inference_time_seconds: z.number().nonnegative(),
  inference_time_ms: milliseconds,
  timings: timingsSchema.describe('Milliseconds by stage.'),
  timestamp: z.iso.datetime(),
});

export type PredictQuery = z.infer<typeof predictQuerySchema>;
export type Timings = z.infer<typeof timingsSchema>;
export type Prediction = z.infer<typeof predictionSchema>;
