// The body of GET /.
import * as z from 'zod';

export const rootSchema = z
  .object({
    message: z.string(),
    name: z.string(),
    version: z.string(),
    endpoints: z.record(z.string(), z.string()).describe('Method and path by purpose.'),
    default_model: z.string().nullable(),
    model_accuracy: z.number().nullable().describe('What the manifest of the default model says.'),
    status: z.enum(['running', 'draining', 'unhealthy']),
  })
  .meta({ id: 'Service' });

export type RootBody = z.infer<typeof rootSchema>;
