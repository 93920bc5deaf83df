// The body of GET /drift.
import * as z from 'zod';

const share = z.number().min(0).max(1);

const divergenceSchema = z
  .object({
    psi: z.number().nonnegative().describe('Population stability index: 0 where nothing has changed.'),
    jensen_shannon: share.describe('Jensen-Shannon divergence to base 2: 0 the same, 1 nothing in common.'),
    warning_above: z.number().positive().describe('The psi above which it is a warning.'),
    drift_above: z.number().positive().describe('The psi above which it is drift.'),
  })
  .meta({ id: 'Divergence' });

export const driftSchema = z
  .object({
    models: z.array(
      z.object({
        model: z.string(),
        model_version: z.string(),
        status: z
          .enum(['collecting', 'stable', 'warning', 'drift'])
          .describe('The worse of classes and confidence; `collecting` while there are too few predictions.'),
        predictions: z.int().nonnegative().describe('Recent predictions that were looked at.'),
        reference: z.object({
          source: z
            .enum(['manifest', 'first_predictions'])
            .describe("Where the manifest names none, the model's own first predictions are the reference."),
          samples: z.int().nonnegative().nullable(),
        }),
        classes: divergenceSchema.nullable(),
        confidence: divergenceSchema.nullable(),
        most_shifted: z
          .array(z.object({ class: z.string(), share, reference_share: share }))
          .describe('The classes whose shares have changed most, up to ten.'),
      }),
    ),
    window: z.int().positive().describe('The last so many predictions of a model are looked at.'),
    minimum: z.int().positive().describe('Fewer say nothing.'),
    timestamp: z.iso.datetime(),
  })
  .meta({ id: 'Drift' });

export type DriftBody = z.infer<typeof driftSchema>;
export type DivergenceBody = z.infer<typeof divergenceSchema>;
