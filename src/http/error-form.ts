// How a refusal looks: problem details, or what the clients of a standard protocol read and show.
import type { Response } from 'express';
import * as z from 'zod';
import type { AppError } from '../errors/app-error.js';
import { JSON_TYPE, PROBLEM_TYPE } from './answer.js';
import { contextOf } from './context.js';
import { problemSchema, type Problem } from './schemas/problem.js';

export interface ErrorForm {
  readonly type: string;
  readonly schema: z.ZodType;
  readonly body: (error: AppError, res: Response) => object;
}

/** What broke inside the server is the log's business. */
const detailOf = (error: AppError): string =>
  error.entry.status === 500 ? 'the server failed on this request; its log tells why' : error.detail;

/** Also for one picture among several. */
export function problem(error: AppError, res: Response): Problem {
  const { status, title, retryable } = error.entry;
  return {
    type: `urn:h5serve:error:${error.code}`,
    title,
    status,
    detail: detailOf(error),
    code: error.code,
    request_id: contextOf(res).id,
    remedy: error.remedy,
    retryable,
  };
}

export const protocolErrorSchema = z
  .object({ error: z.string().describe('What was expected, what was found, and what to do about it.') })
  .meta({ id: 'ProtocolError' });

const problemForm: ErrorForm = { type: PROBLEM_TYPE, schema: problemSchema, body: problem };

/** The Open Inference Protocol and TensorFlow Serving both know one member, a text for people. */
const protocolForm: ErrorForm = {
  type: JSON_TYPE,
  schema: protocolErrorSchema,
  body: (error) => ({ error: `${detailOf(error)}. ${error.remedy}` }),
};

const PROTOCOLS = /^\/(v1\/models|v2)(\/|$)/i;

/** By path and not by route, so that what is refused before any route is found has the form that its client reads. */
export const errorFormOf = (path: string): ErrorForm => (PROTOCOLS.test(path) ? protocolForm : problemForm);
