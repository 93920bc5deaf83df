// The only reader of the environment: validates all settings at once, reports every fault together, freezes.
import { AppError } from '../errors/app-error.js';
import { settings, settingsSchema, type Config } from './schema.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Empty strings count as unset: `PORT= npm start` means the default. */
export function loadConfig(environment: Environment = process.env): Config {
  const given: Record<string, string> = {};
  for (const name of Object.keys(settings)) {
    const value = environment[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name}: ${issue.message}; found ${JSON.stringify(given[name])}`;
    });
    throw new AppError('config_invalid', faults.join('\n'));
  }
  return Object.freeze(parsed.data);
}
