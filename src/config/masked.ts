// What of a setting may be shown: passwords and hashes of keys do not belong on a screen or in a log.
import type { SettingName } from './schema.js';

/** Also in a URL that is not well formed, and with the quotes of a message around it. */
const withoutUser = (url: string): string => url.replace(/^("?(?:[a-z]+:\/\/)?).*@/, '$1…@');

/** What follows the `=` of a URL's query may be one as well. */
const withoutSecrets = (url: string): string => withoutUser(url).replaceAll(/([?&][^=&#"]*=)[^&#"]*/g, '$1…');

/** What is no `role:name:sha256` may be the key itself. */
const withoutKeys = (entries: string): string =>
  entries.replaceAll(/[^",]+/g, (entry) => {
    const known = /^(\s*\w+:[\w.-]+:[0-9a-f]{8})[0-9a-f]{56}\s*$/i.exec(entry)?.[1];
    return `${known ?? ''}…`;
  });

const masks: Readonly<Partial<Record<SettingName, (text: string) => string>>> = {
  API_KEYS: withoutKeys,
  REDIS_URL: withoutSecrets,
  JWT_JWKS_URL: withoutSecrets,
};

export const masked = (name: SettingName, text: string): string => masks[name]?.(text) ?? text;
