// Holds a part of a request against a schema and says, for every member that fails, what was expected and found.
import type { Request } from 'express';
import * as z from 'zod';
import { AppError } from '../errors/app-error.js';
import type { ObjectSchema } from './operation.js';

/** Parameters that the schema does not name are ignored. */
export function parseQuery<Schema extends ObjectSchema>(schema: Schema, req: Request): z.infer<Schema> {
  // Most requests have none: what a schema makes of nothing is the same every time.
  if (req.url.includes('?')) return parsePart(schema, req.query);
  const known = OF_NOTHING.get(schema);
  if (known !== undefined) return known as z.infer<Schema>;
  const made = parsePart(schema, {});
  OF_NOTHING.set(schema, Object.freeze(made));
  return made;
}

const OF_NOTHING = new WeakMap<ObjectSchema, object>();

export const parseHeaders = <Schema extends ObjectSchema>(schema: Schema, req: Request): z.infer<Schema> =>
  parsePart(schema, req.headers);

export const parseParams = <Schema extends ObjectSchema>(schema: Schema, req: Request): z.infer<Schema> =>
  parsePart(schema, req.params);

function parsePart<Schema extends ObjectSchema>(
  schema: Schema,
  part: Readonly<Record<string, unknown>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
  const faults = Array.from(names, (name) => {
    const expected = descriptionOf(schema.shape[name]) ?? 'another value';
    return `${name}: expected ${expected}, found ${shown(part[name])}`;
  });
  throw new AppError('invalid_parameter', faults.join('; '));
}

/** A parameter given twice arrives as an array. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const descriptionOf = (member: z.ZodType | undefined): string | undefined =>
  member instanceof z.ZodOptional ? descriptionOf(member.unwrap() as z.ZodType) : member?.description;
