// The body of GET /metrics to people and scripts.
import * as z from 'zod';

const count = z.int().nonnegative();

const predictionsByClass = z.record(z.string(), count);

export const metricsSchema = z
  .object({
    service_metrics: z.object({
      total_requests: count.describe('Requests for predictions, however they ended.'),
      successful_predictions: count.describe('Pictures that were classified.'),
      failed_predictions: count.describe('Pictures that were not, and requests that were refused.'),
      total_errors: count.describe('Requests for predictions that ended in an error.'),
      success_rate: z.number().min(0).max(100).describe('Percent of the predictions; 100 before the first.'),
      uptime_seconds: z.number().nonnegative(),
      uptime_hours: z.number().nonnegative(),
    }),
    model_metrics: z
      .object({
        model: z.string(),
        model_version: z.string(),
        model_accuracy: z.number().nullable(),
        predictions_by_class: predictionsByClass,
        predictions_by_digit: predictionsByClass
          .optional()
          .describe('Only where the labels are the digits 0 to 9.'),
      })
      .nullable()
      .describe('Of the default model; null where it could not be loaded.'),
    models: z
      .array(
        z.object({
          model: z.string(),
          model_version: z.string(),
          predictions: count,
          predictions_by_class: predictionsByClass.describe(
            'Of models with more than 100 classes those that were predicted.',
          ),
        }),
      )
      .describe('Of every model version, since it was loaded.'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Metrics' });

export type MetricsBody = z.infer<typeof metricsSchema>;
