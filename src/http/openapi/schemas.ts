// Zod schemas as JSON Schema, those with an id gathered once under components.
import * as z from 'zod';
import type { JsonSchema } from '../operation.js';

export class SchemaCollection {
  readonly components: Record<string, JsonSchema> = {};

  /** `output`: as the server writes it, strictly; `input`: as a client may write it. */
  add(schema: z.ZodType | JsonSchema, io: 'input' | 'output'): JsonSchema {
    if (!(schema instanceof z.ZodType)) return schema;
    const whole = z.toJSONSchema(schema, { io });
    const pointed = JSON.parse(
      JSON.stringify({ ...whole, $schema: undefined }).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as {
      $defs?: Record<string, JsonSchema>;
    } & JsonSchema;
    const { $defs = {}, ...own } = pointed;
    Object.assign(this.components, $defs);
    const id = schema.meta()?.id;
    if (id === undefined) return own;
    // Zod puts a schema that refers to its own id among the $defs already.
    this.components[id] ??= own;
    return { $ref: `#/components/schemas/${id}` };
  }
}
