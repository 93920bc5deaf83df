// What settings ask of each other.
import type { Config, SettingName } from './schema.js';

interface Fault {
  readonly name: SettingName;
  readonly says: string;
}

/** Each of `names` makes sense only beside `needs`. */
const companions: readonly { readonly names: readonly SettingName[]; readonly needs: SettingName }[] = [
  { names: ['TLS_CERT'], needs: 'TLS_KEY' },
  { names: ['TLS_KEY'], needs: 'TLS_CERT' },
  { names: ['LABELS_PATH', 'MANIFEST_PATH', 'ARCHITECTURE_PATH'], needs: 'MODEL_PATH' },
  // A token for another service of the same issuer must not open this one.
  { names: ['JWT_JWKS_URL'], needs: 'JWT_ISSUER' },
  { names: ['JWT_JWKS_URL'], needs: 'JWT_AUDIENCE' },
  { names: ['JWT_ISSUER', 'JWT_AUDIENCE'], needs: 'JWT_JWKS_URL' },
];

export const faultsBetween = (config: Config): readonly Fault[] =>
  companions.flatMap(({ names, needs }) =>
    names
      .filter((name) => config[name] !== undefined && config[needs] === undefined)
      .map((name) => ({ name, says: `is set, and ${needs} is not` })),
  );
