// Finds out who calls. Refuses nobody yet: limits count those who will be refused, too.
import type { Request, RequestHandler } from 'express';
import type { Authenticator, Caller } from '../../contracts/access.js';
import { AppError, toAppError } from '../../errors/app-error.js';
import { contextOf } from '../context.js';
import { requestSlot } from '../request-slot.js';
import { neededRole, type MetricsAccess } from './access-rules.js';

export interface AuthenticationOptions {
  readonly authenticator: Authenticator;
  readonly metrics: MetricsAccess;
}

/** Who it is, or why that is not known. */
export const callerSlot = requestSlot<Caller | AppError>('authentication');

export const authentication = ({ authenticator, metrics }: AuthenticationOptions): RequestHandler =>
  async function authentication(req, res, next) {
    // Whoever may ask how the service is shall not wait for an issuer that does not answer.
    if (neededRole(req.path, metrics) === null) {
      next();
      return;
    }
    const credential = credentialOf(req);
    const caller =
      credential === undefined
        ? new AppError('unauthorized', 'the request has no API key and no token')
        : await authenticator.identify(credential).catch((error: unknown) => toAppError(error));
    if (!(caller instanceof AppError)) contextOf(res).caller = caller.name;
    callerSlot.set(res, caller);
    next();
  };

/** RFC 6750, 2.1; X-API-Key is what many clients of gateways send. */
export function credentialOf(req: Pick<Request, 'headers'>): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1];
  const key = req.headers['x-api-key'];
  return bearer ?? (typeof key === 'string' && key !== '' ? key : undefined);
}
