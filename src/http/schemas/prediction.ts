// What POST /predict takes in its query, and what it answers.
import * as z from 'zod';
import { booleanParameter, integerParameter, nameParameter } from './parameters.js';

/** How an answer shall look; the body brings the picture. */
export const topKQuerySchema = z.object({
  top_k: integerParameter(1, 1000)
    .optional()
    .meta({ purpose: 'How many of the most probable classes; else TOP_K, else what the model says.' }),
  all: booleanParameter
    .optional()
    .meta({ purpose: 'Whether `all_probabilities` comes for a model of more than 100 classes too.' }),
});

export const predictQuerySchema = topKQuerySchema.extend({
  model: nameParameter.optional().meta({ purpose: 'Which model; else the default one.' }),
  version: nameParameter.optional().meta({ purpose: 'Which of its versions; else the newest.' }),
});

const probability = z.number().min(0).max(1);
const milliseconds = z.number().nonnegative();

export const timingsSchema = z
  .object({
    receive: milliseconds.describe('From the arrival of the request to the last byte of the image.'),
    decode: milliseconds,
    queue: milliseconds.describe('Waiting for companions and a worker.'),
    inference: milliseconds.describe('The batch that this image was in.'),
    total: milliseconds,
  })
  .meta({ id: 'Timings' });

export const predictionSchema = z
  .object({
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
  })
  .meta({ id: 'Prediction' });

export type Timings = z.infer<typeof timingsSchema>;
export type Prediction = z.infer<typeof predictionSchema>;
