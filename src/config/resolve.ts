// From flags, environment and .env to settings: each one's value and where it came from, or every fault at once.
import { AppError } from '../errors/app-error.js';
import { masked } from './masked.js';
import { faultsBetween } from './rules.js';
import { isSettingName, settingNames, settingsSchema, type Config, type SettingName } from './schema.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** In the order in which they win. */
export const SOURCES = ['flag', 'environment', '.env', 'default'] as const;
export type SettingSource = (typeof SOURCES)[number];

export type Given = Readonly<Partial<Record<Exclude<SettingSource, 'default'>, Environment>>>;

export interface ResolvedSettings {
  readonly config: Config;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

export function resolveSettings(given: Given): ResolvedSettings {
  const texts: Record<string, string> = {};
  const sources = {} as Record<SettingName, SettingSource>;
  for (const name of settingNames) {
    const source = sourceOf(name, given);
    const value = source === 'default' ? undefined : given[source]?.[name];
    // An empty text is the default again: `REDIS_URL= npm start` does without the one in .env.
    sources[name] = value === '' ? 'default' : source;
    if (value !== undefined && value !== '') texts[name] = value;
  }
  const parsed = settingsSchema.safeParse(texts);
  const faults = parsed.success
    ? faultsBetween(parsed.data).map(({ name, says }) => `${name}: ${says}`)
    : parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return isSettingName(name)
          ? `${name}: ${issue.message}; found ${masked(name, JSON.stringify(texts[name]))} ${place(name, sources[name])}`
          : issue.message;
      });
  if (!parsed.success || faults.length > 0) throw new AppError('config_invalid', faults.join('\n'));
  return { config: Object.freeze(parsed.data), sources: Object.freeze(sources) };
}

const sourceOf = (name: SettingName, given: Given): SettingSource =>
  SOURCES.find((source) => source !== 'default' && given[source]?.[name] !== undefined) ?? 'default';

const place = (name: SettingName, source: SettingSource): string =>
  ({
    flag: `in ${flagOf(name)}`,
    environment: 'in the environment',
    '.env': 'in .env',
    default: 'by default',
  })[source];

/** MAX_UPLOAD_MB is --max-upload-mb. */
export const flagOf = (name: SettingName): string => `--${name.toLowerCase().replaceAll('_', '-')}`;
