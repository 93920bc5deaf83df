// The bodies of the health endpoints.
import * as z from 'zod';

const count = z.int().nonnegative();

const readyModelSchema = z.object({
  name: z.string(),
  version: z.string(),
  status: z.literal('ready'),
  workers: z.object({ threads: count, busy: count, queued: count, tensors: count }),
});

const failedModelSchema = z.object({
  name: z.string(),
  version: z.string().nullable(),
  status: z.literal('failed'),
  code: z.string(),
  detail: z.string(),
  remedy: z.string(),
});

export const healthSchema = z
  .object({
    Status: z.enum(['ok', 'unavailable']).describe('The same as `status`, for clients that look here.'),
    status: z.enum(['healthy', 'unhealthy']),
    model_loaded: z.boolean().describe('Whether the default model answers.'),
    model_version: z.string().optional(),
    uptime: z.number().nonnegative().describe('Seconds since the process started.'),
    timestamp: z.iso.datetime(),
    models: z.array(z.discriminatedUnion('status', [readyModelSchema, failedModelSchema])),
    redis: z
      .enum(['up', 'down'])
      .optional()
      .describe('Where REDIS_URL is set. Down means slower, and limits for each instance alone.'),
  })
  .meta({ id: 'Health' });

export const liveSchema = z
  .object({ status: z.literal('alive'), uptime: z.number().nonnegative() })
  .meta({ id: 'Live' });

export const readySchema = z
  .object({
    ready: z.boolean(),
    reason: z.enum(['ready', 'draining', 'models are not ready']),
  })
  .meta({ id: 'Ready' });

export type HealthBody = z.infer<typeof healthSchema>;
export type LiveBody = z.infer<typeof liveSchema>;
export type ReadyBody = z.infer<typeof readySchema>;
