// .env in the working directory, in node:util's syntax: the settings that it gives, and what looks mistyped in it.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { AppError } from '../errors/app-error.js';
import { nearest } from '../errors/nearest.js';
import type { Environment } from './resolve.js';
import { isSettingName, settingNames } from './schema.js';

const MAX_BYTES = 1024 * 1024;

export function readDotEnv(folder = process.cwd()): Environment {
  const file = path.join(folder, '.env');
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw new AppError('config_invalid', `${file} is larger than 1 MB`);
    // Notepad begins a file with a mark, which would belong to the first name.
    return parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new AppError('config_invalid', `${file} cannot be read`, { cause: error });
  }
}

/** Names of other programs are no fault; one that is nearly a setting is worth a line. */
export function dotEnvNotices(dotEnv: Environment): readonly string[] {
  return Object.keys(dotEnv).flatMap((name) => {
    if (isSettingName(name)) return [];
    const guess = nearest(name, settingNames);
    if (guess !== undefined) return [`.env: ${name} is not a setting; did you mean ${guess}?`];
    return /^H5SERVE_/i.test(name)
      ? [`.env: ${name} is not a setting; docs/configuration.md lists them`]
      : [];
  });
}
