// Parameters that several endpoints take. A description finishes the sentence "expected ..." of a refusal; a purpose
// stands before it in the documentation.
import * as z from 'zod';

export const nameParameter = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/)
  .describe('a name of at most 64 letters, digits, ".", "_" and "-"');

/** Text on the wire, an integer in the code and in the document. */
export const integerParameter = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .describe(`an integer from ${min} to ${max}`)
    .meta({ type: 'integer', minimum: min, maximum: max, pattern: undefined });

export const booleanParameter = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .describe('"true" or "false"');

export const timeoutHeaderSchema = z.object({
  'x-request-timeout-ms': integerParameter(1, 600_000).optional().meta({
    purpose:
      'Milliseconds that the answer may take, from the last byte of the upload; else REQUEST_TIMEOUT_MS.',
  }),
});

const model = nameParameter.meta({ purpose: 'Which model.' });
const version = nameParameter.meta({ purpose: 'Which of its versions.' });

export const modelParamsSchema = z.object({ model });
export const versionParamsSchema = z.object({ model, version });
