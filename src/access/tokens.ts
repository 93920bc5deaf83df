// JWT bearer tokens of an issuer whose public keys are fetched from its JWKS.
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { ROLES, type Caller, type Role } from '../contracts/access.js';
import { AppError } from '../errors/app-error.js';

export interface TokenOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly roleClaim: string;
}

/** None with a shared secret: HS256 with the public key as its secret is the oldest trick (RFC 8725, 2.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const CLOCK_TOLERANCE_SECONDS = 30;
const FETCH_TIMEOUT_MS = 3_000;
/** After a fetch that failed, the next waits so long: an issuer that is down is not asked for every request. */
const FAILURE_PAUSE_MS = 1_000;

/** Faults of the token. Others are the issuer's, or the network's. */
const TOKEN_FAULTS: readonly (new (...args: never[]) => Error)[] = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
];

export function tokenVerifier(options: TokenOptions): (token: string) => Promise<Caller> {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  const rules = {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  };
  let unreachableUntil = 0;

  return async (token) => {
    if (keys.jwks() === undefined && performance.now() < unreachableUntil) throw unchecked(undefined);
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      return { name: nameOf(payload), role: roleOf(payload, options.roleClaim) };
    } catch (error) {
      if (TOKEN_FAULTS.some((kind) => error instanceof kind)) throw refusal(error);
      unreachableUntil = performance.now() + FAILURE_PAUSE_MS;
      throw unchecked(error);
    }
  };
}

const unchecked = (cause: unknown): AppError =>
  new AppError('credentials_unchecked', 'the public keys of the token issuer cannot be fetched', {
    cause,
    retryAfterSeconds: 1,
  });

function refusal(fault: unknown): AppError {
  const detail =
    fault instanceof errors.JWTExpired
      ? 'the token has expired'
      : fault instanceof errors.JWTClaimValidationFailed
        ? `the claim ${JSON.stringify(fault.claim)} of the token is not as required`
        : 'the token is not one that this service takes';
  return new AppError('unauthorized', detail, { cause: fault });
}

/** Whatever issuers make of them. */
function nameOf(payload: JWTPayload): string {
  const claims: readonly unknown[] = [payload.sub, payload['client_id']];
  const name = claims.find((claim) => typeof claim === 'string' || typeof claim === 'number');
  return `token:${String(name ?? 'unnamed').slice(0, 128)}`;
}

function roleOf(payload: JWTPayload, claim: string): Role | null {
  const value = readClaim(payload, claim);
  const words = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return ROLES.findLast((role) => words.includes(role)) ?? null;
}

/** A claim of that very name (they may be URLs), else a path such as realm_access.roles. */
function readClaim(payload: JWTPayload, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return payload[claim];
  return claim
    .split('.')
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      payload,
    );
}
