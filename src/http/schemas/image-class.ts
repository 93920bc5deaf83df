// What POST /classify/image takes in its query, and what it answers.
import * as z from 'zod';
import { predictQuerySchema } from './prediction.js';

export const classifyQuerySchema = predictQuerySchema.pick({ model: true, version: true });

const probability = z.number().min(0).max(1);

export const imageClassSchema = z
  .object({
    predicted_class: z.string(),
    confidence: probability,
    all_probabilities: z.record(z.string(), probability).describe('By label, however many there are.'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'ImageClass' });

export type ImageClass = z.infer<typeof imageClassSchema>;
