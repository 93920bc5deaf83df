// What of a setting may be shown: passwords and hashes of keys do not belong on a screen or in a log.
import type { SettingName } from './schema.js';

/** Also in a URL that is not well formed, and with the quotes of a message around it. */
const withoutUser = (url: string): string => url.replace(/^("?(?:[a-z]+:\/\/)?).*@/, '$1…@');

const masks: Readonly<Partial<Record<SettingName, (text: string) => string>>> = {
  API_KEYS: (text) => text.replaceAll(/\b[0-9a-f]{64}\b/gi, (hash) => `${hash.slice(0, 8)}…`),
  REDIS_URL: withoutUser,
  JWT_JWKS_URL: withoutUser,
};

export const masked = (name: SettingName, text: string): string => masks[name]?.(text) ?? text;
