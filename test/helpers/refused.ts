// The refusal that a call must end in.
import { expect } from 'chai';
import { AppError } from '../../src/errors/app-error.js';
import type { ErrorCode } from '../../src/errors/catalogue.js';

export async function refused(
  attempt: Promise<unknown> | (() => unknown),
  code: ErrorCode,
): Promise<AppError> {
  let outcome: unknown;
  try {
    const value = await (typeof attempt === 'function' ? attempt() : attempt);
    outcome = `no refusal, but ${typeof value}`;
  } catch (error) {
    outcome = error;
  }
  if (!(outcome instanceof AppError)) throw new Error(`expected the refusal ${code}`, { cause: outcome });
  expect(outcome.code).to.equal(code);
  return outcome;
}
