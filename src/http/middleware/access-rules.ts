// Which role a request needs where keys or tokens are on. What is not listed needs `predict`, so that a new route is
// closed until somebody opens it. Express ignores case in paths and a slash at their end, and so does this table.
import type { Request } from 'express';
import type { Role } from '../../contracts/access.js';
import type { ErrorCode } from '../../errors/catalogue.js';

type Need = Role | 'nothing' | 'as METRICS_ACCESS says';

const RULES: readonly { readonly path: RegExp; readonly needs: Need }[] = [
  // What it is, how it is, how to use it: probes and people come without a key.
  { path: /^\/(health(\/.*)?|docs(\/.*)?|ui(\/.*)?|openapi\.json)?\/?$/i, needs: 'nothing' },
  { path: /^\/favicon\.ico$/i, needs: 'nothing' },
  { path: /^\/v2(\/health\/(live|ready))?\/?$/i, needs: 'nothing' },
  { path: /^\/metrics(\/.*)?$/i, needs: 'as METRICS_ACCESS says' },
  { path: /^\/(admin|v2\/repository)(\/.*)?$/i, needs: 'admin' },
];

export type MetricsAccess = 'open' | Role;

export function neededRole(path: string, metrics: MetricsAccess): Role | null {
  const needs = RULES.find((rule) => rule.path.test(path))?.needs ?? 'predict';
  if (needs === 'nothing') return null;
  if (needs === 'as METRICS_ACCESS says') return metrics === 'open' ? null : metrics;
  return needs;
}

/** What limits count: all POST requests but those of admins. Health and metrics never. */
export const isPrediction = ({ method, path }: Pick<Request, 'method' | 'path'>): boolean =>
  method === 'POST' && neededRole(path, 'open') === 'predict';

/** What a request may be refused with before its route sees it, under whichever settings. */
export const accessRefusals = (request: Pick<Request, 'method' | 'path'>): readonly ErrorCode[] => [
  ...(neededRole(request.path, 'admin') === null
    ? []
    : (['unauthorized', 'forbidden', 'credentials_unchecked'] as const)),
  ...(isPrediction(request) ? (['rate_limited'] as const) : []),
];
