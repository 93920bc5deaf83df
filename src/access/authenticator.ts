// Keys and tokens behind one question: who is it? Off, where the settings name neither.
import type { Config } from '../config/schema.js';
import type { Authenticator } from '../contracts/access.js';
import type { Logger } from '../contracts/logger.js';
import { AppError } from '../errors/app-error.js';
import { KeyRing } from './key-ring.js';

export interface ClosableAuthenticator extends Authenticator {
  close(): void;
}

export function createAuthenticator(config: Config, logger: Logger): ClosableAuthenticator | null {
  const ring = createRing(config, logger);
  const verify = createVerifier(config);
  if (ring === undefined && verify === undefined) return null;
  if (ring?.size === 0 && verify === undefined)
    logger.warn('There is no API key: every request that needs one is refused');
  return {
    async identify(credential) {
      const caller = ring?.find(credential);
      if (caller !== undefined) return caller;
      if (verify !== undefined && looksLikeToken(credential)) return verify(credential);
      throw new AppError('unauthorized', 'the credential is not known here');
    },
    close: () => ring?.close(),
  };
}

function createRing({ API_KEYS, API_KEYS_FILE }: Config, logger: Logger): KeyRing | undefined {
  if (API_KEYS === undefined && API_KEYS_FILE === undefined) return undefined;
  return new KeyRing({ entries: API_KEYS ?? [], file: API_KEYS_FILE, logger });
}

function createVerifier({ JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, JWT_ROLE_CLAIM }: Config) {
  if (JWT_JWKS_URL === undefined || JWT_ISSUER === undefined || JWT_AUDIENCE === undefined) return undefined;
  const options = {
    jwksUrl: JWT_JWKS_URL,
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
    roleClaim: JWT_ROLE_CLAIM,
  };
  // A start without tokens saves the 50 ms that loading their library takes.
  const loading = import('./tokens.js').then(({ tokenVerifier }) => tokenVerifier(options));
  return async (token: string) => (await loading)(token);
}

/** A token reads `header.payload.signature`; no API key does. */
const looksLikeToken = (credential: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
