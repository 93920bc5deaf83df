// What `h5serve inspect` tells of a checkpoint.
import * as z from 'zod';

const shape = z.array(z.number().int().nullable());

export const inspectionSchema = z.object({
  kerasVersion: z.string().nullable(),
  model: z.object({ name: z.string(), className: z.string() }),
  layers: z.array(
    z.object({
      name: z.string(),
      className: z.string(),
      /** In how many models it is nested. */
      depth: z.number().int(),
      /** Batch first, as null; null where a layer before it could not be built. */
      outputShape: shape.nullable(),
      parameters: z.number().int().nullable(),
      /** Whether it is a reason that the model cannot be served. */
      refused: z.boolean(),
    }),
  ),
  /** What a model is made of that comes as a graph: it has no layers. */
  operations: z.array(z.string()).optional(),
  inputs: z.array(z.object({ name: z.string(), shape: shape.nullable() })),
  outputs: z.array(z.object({ name: z.string(), shape: shape.nullable() })),
  /** Layers that prepare pictures inside of the model, in sentences. */
  preprocessing: z.array(z.string()),
  /** As far as the layers could be built. */
  parameters: z.number().int(),
  notices: z.array(z.string()),
  /** Every reason that it cannot be served; none where it can. */
  faults: z.array(z.object({ code: z.string(), detail: z.string(), remedy: z.string() })),
});

export type Inspection = Readonly<z.infer<typeof inspectionSchema>>;
