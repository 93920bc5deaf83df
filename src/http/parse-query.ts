// Holds the query string against a schema and says, for every parameter that fails, what was expected and found.
import type { Request } from 'express';
import type { z } from 'zod';
import { AppError } from '../errors/app-error.js';

/** Parameters that the schema does not name are ignored. */
export function parseQuery<Schema extends z.ZodObject<Readonly<Record<string, z.ZodType>>>>(
  schema: Schema,
  req: Request,
): z.infer<Schema> {
  const parsed = schema.safeParse(req.query);
  if (parsed.success) return parsed.data;
  const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
  const faults = Array.from(names, (name) => {
    const expected = schema.shape[name]?.description ?? 'another value';
    return `${name}: expected ${expected}, found ${shown(req.query[name])}`;
  });
  throw new AppError('invalid_parameter', faults.join('; '));
}

/** A parameter given twice arrives as an array. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
