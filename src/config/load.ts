// The settings of this process: flags before the environment before .env before the defaults; validated, frozen.
import { dotEnvNotices, readDotEnv } from './dot-env.js';
import { resolveSettings, type Environment, type ResolvedSettings } from './resolve.js';
import type { Config } from './schema.js';

export type { Environment } from './resolve.js';

export interface LoadedSettings extends ResolvedSettings {
  /** What looks mistyped, in sentences. */
  readonly notices: readonly string[];
}

export function loadSettings(
  flags: Environment = {},
  environment: Environment = process.env,
  dotEnv: Environment = readDotEnv(),
): LoadedSettings {
  return {
    ...resolveSettings({ flag: flags, environment, '.env': dotEnv }),
    notices: dotEnvNotices(dotEnv),
  };
}

/** Of an environment that is given, and nothing else; by default of this process. */
export const loadConfig = (environment?: Environment): Config =>
  environment === undefined ? loadSettings().config : resolveSettings({ environment }).config;
