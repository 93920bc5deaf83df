// Refuses who may not: 401 where it is not known who calls, 403 where it is.
import type { RequestHandler } from 'express';
import { mayAct } from '../../contracts/access.js';
import { AppError } from '../../errors/app-error.js';
import { neededRole, type MetricsAccess } from './access-rules.js';
import { callerSlot, credentialOf } from './authentication.js';

export interface AuthorizationOptions {
  readonly metrics: MetricsAccess;
}

export const authorization = ({ metrics }: AuthorizationOptions): RequestHandler =>
  function authorization(req, res, next) {
    const needed = neededRole(req.path, metrics);
    if (needed === null) {
      next();
      return;
    }
    const caller = callerSlot.get(res);
    if (caller instanceof AppError) {
      if (caller.code === 'unauthorized') {
        const fault = credentialOf(req) === undefined ? '' : ', error="invalid_token"';
        res.setHeader('WWW-Authenticate', `Bearer realm="h5serve"${fault}`);
      }
      throw caller;
    }
    if (!mayAct(caller.role, needed)) {
      const has = caller.role === null ? 'no role' : `the role ${caller.role}`;
      throw new AppError('forbidden', `this needs the role ${needed}; ${caller.name} has ${has}`);
    }
    next();
  };
