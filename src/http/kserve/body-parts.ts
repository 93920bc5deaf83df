// A body of the protocol: JSON alone, or JSON of a length that a header tells, and behind it the bytes of its tensors.
import type { Request } from 'express';
import { AppError } from '../../errors/app-error.js';

export interface BodyParts {
  readonly json: Buffer;
  /** Null where the header is not there. */
  readonly binary: Buffer | null;
}

export const LENGTH_HEADER = 'Inference-Header-Content-Length';

export function bodyParts(req: Request, body: Buffer): BodyParts {
  const given = req.headers[LENGTH_HEADER.toLowerCase()];
  if (given === undefined) return { json: body, binary: null };
  const length = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : NaN;
  if (!(length > 0 && length <= body.length)) {
    const found = JSON.stringify(String(given).slice(0, 40));
    throw new AppError(
      'invalid_parameter',
      `${LENGTH_HEADER}: expected an integer from 1 to ${body.length}, the length of the body; found ${found}`,
    );
  }
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}
