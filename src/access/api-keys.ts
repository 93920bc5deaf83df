// API keys. Only their SHA-256 is kept: a key has 256 random bits, so no slower hash is needed.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isRole, ROLES, type Caller, type Role } from '../contracts/access.js';
import { AppError } from '../errors/app-error.js';

export interface ApiKey {
  readonly role: Role;
  readonly name: string;
  readonly hash: Buffer;
}

const MAX_KEYS = 1000;
export const KEY_NAME = /^[\w.-]{1,64}$/;
const HASH = /^[0-9a-f]{64}$/i;

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A prefix that secret scanners and people recognise. */
export const newKey = (): string => `h5s_${randomBytes(32).toString('base64url')}`;

export const keyLine = (role: Role, name: string, key: string): string =>
  `${role} ${name} ${hashOf(key).toString('hex')}`;

/** `role name sha256`, parted by spaces or colons. What is wrong is told without showing it: it may be a key. */
export function parseKey(text: string, place: string): ApiKey {
  const [role, name = '', hash = '', ...more] = text.trim().split(/[\s:]+/);
  const fault = !isRole(role)
    ? `the role is none of ${ROLES.join(', ')}`
    : !KEY_NAME.test(name)
      ? 'the name has other characters than letters, digits, ".", "_" and "-"'
      : !HASH.test(hash) || more.length > 0
        ? 'the last part is not a SHA-256 of 64 hexadecimal digits'
        : undefined;
  if (fault === undefined && isRole(role)) return { role, name, hash: Buffer.from(hash, 'hex') };
  throw new AppError('config_invalid', `${place}: expected \`role name sha256\`: ${fault ?? ''}`, {
    remedy: 'Make keys and their lines with `h5serve key NAME`.',
  });
}

/** One key a line; `#` begins a comment. */
export function parseKeyFile(text: string, place: string): readonly ApiKey[] {
  return text
    .split(/\r?\n/)
    .map((line, at) => ({ line: line.replace(/#.*/, '').trim(), place: `${place}, line ${at + 1}` }))
    .filter(({ line }) => line !== '')
    .map((entry) => parseKey(entry.line, entry.place));
}

export function checkKeys(keys: readonly ApiKey[]): readonly ApiKey[] {
  if (keys.length > MAX_KEYS)
    throw new AppError('config_invalid', `there are ${keys.length} API keys; the limit is ${MAX_KEYS}`);
  const twice = keys.find(({ hash }, at) => keys.findIndex((other) => other.hash.equals(hash)) !== at);
  if (twice !== undefined)
    throw new AppError('config_invalid', `the API key of ${twice.name} is there twice`);
  return keys;
}

/** Compares with every key in the same time, whichever fits. */
export function callerOf(key: string, keys: readonly ApiKey[]): Caller | undefined {
  const hash = hashOf(key);
  let found: ApiKey | undefined;
  for (const candidate of keys) if (timingSafeEqual(candidate.hash, hash)) found = candidate;
  return found === undefined ? undefined : { name: found.name, role: found.role };
}
