// What POST /infer takes in its query, and what it answers.
import * as z from 'zod';
import { predictQuerySchema } from './prediction.js';

export const inferQuerySchema = predictQuerySchema.omit({ all: true });

export const inferenceSchema = z
  .object({
    predictions: z
      .array(z.object({ label: z.string(), probability: z.number().min(0).max(1) }))
      .describe('The most probable classes, best first.'),
    inference_time_ms: z.number().nonnegative(),
  })
  .meta({ id: 'Inference' });

export type Inference = z.infer<typeof inferenceSchema>;
