// The body of GET /openapi.json, as far as it describes itself.
import * as z from 'zod';

export const openApiSchema = z
  .looseObject({
    openapi: z.string(),
    info: z.looseObject({}),
    paths: z.record(z.string(), z.looseObject({})),
  })
  .meta({ id: 'OpenApiDocument' });
