// The body of every refusal: RFC 9457 with a stable code and what to do about it.
import * as z from 'zod';

export const problemSchema = z
  .object({
    type: z.string().describe('A URN of the kind of error.'),
    title: z.string().describe('The kind of error, in a few words.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What was expected and what was found this time.'),
    code: z.string().describe('The stable name of the kind of error.'),
    request_id: z.string(),
    remedy: z.string().describe('What can be done about it.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;
