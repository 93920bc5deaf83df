// What POST /batch-predict answers: each picture's prediction or its own problem, in the order of the upload.
import * as z from 'zod';
import { predictionSchema, timingsSchema } from './prediction.js';
import { problemSchema } from './problem.js';

const index = z.int().nonnegative().describe('Where the picture stood in the request, from 0.');
const filename = z.string().nullable().describe('As the client called it.');

const predictedSchema = predictionSchema
  .omit({ request_id: true, model: true, model_version: true, timestamp: true })
  .extend({ index, filename, success: z.literal(true) });

const failedSchema = z.object({ index, filename, success: z.literal(false), error: problemSchema });

export const batchResultSchema = z
  .discriminatedUnion('success', [predictedSchema, failedSchema])
  .meta({ id: 'BatchResult' });

export const batchSchema = z
  .object({
    request_id: z.string(),
    model: z.string(),
    model_version: z.string(),
    count: z.int().positive(),
    succeeded: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    results: z.array(batchResultSchema).describe('In the order of the upload.'),
    timings: timingsSchema.describe(
      'Milliseconds by stage; decode, queue and inference are those of the picture that took longest.',
    ),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'BatchPrediction' });

export type BatchResult = z.infer<typeof batchResultSchema>;
export type BatchPrediction = z.infer<typeof batchSchema>;
