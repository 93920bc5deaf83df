// Each setting as a flag, made from the table: MAX_UPLOAD_MB is --max-upload-mb.
import { flagOf, type Environment } from '../config/resolve.js';
import { settingGroups, settingNames, settings, type SettingName } from '../config/schema.js';
import { AppError } from '../errors/app-error.js';
import { nearest } from '../errors/nearest.js';
import { parseOptions } from './parse-options.js';

/** Short names for what is typed most. */
const SHORT: Readonly<Record<string, SettingName>> = {
  '--labels': 'LABELS_PATH',
  '--manifest': 'MANIFEST_PATH',
  '--architecture': 'ARCHITECTURE_PATH',
};

const byFlag: ReadonlyMap<string, SettingName> = new Map([
  ...settingNames.map((name): [string, SettingName] => [flagOf(name), name]),
  ...Object.entries(SHORT),
]);

export interface SettingFlags {
  /** Settings by their names in the environment. */
  readonly given: Environment;
  readonly json: boolean;
}

/** `[CHECKPOINT] --flags` of a command; the checkpoint is MODEL_PATH. */
export function parseSettingFlags(command: string, args: string[], extra: { json: boolean }): SettingFlags {
  const see = { remedy: `See \`h5serve ${command} --help\`.` };
  const known = [...byFlag.keys(), ...(extra.json ? ['--json'] : [])];
  for (const arg of args) {
    const flag = arg.split('=', 1)[0] ?? arg;
    if (arg === '--') break;
    if (!flag.startsWith('--') || known.includes(flag)) continue;
    const guess = nearest(flag, known);
    const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
    throw new AppError('usage', `${command}: there is no ${flag}${hint}`, see);
  }
  const options = Object.fromEntries(known.map((flag) => [flag.slice(2), { type: typeOf(flag) }]));
  const { values, positionals } = parseOptions(command, args, options);
  const given: Record<string, string> = {};
  for (const [flag, name] of byFlag) {
    const value = values[flag.slice(2)];
    if (typeof value !== 'string') continue;
    if (given[name] !== undefined) throw new AppError('usage', `${command}: ${name} is given twice`, see);
    given[name] = value;
  }
  const [checkpoint, ...others] = positionals;
  if (others.length > 0) {
    throw new AppError('usage', `${command}: takes one CHECKPOINT; found also "${others.join(' ')}"`, see);
  }
  if (checkpoint !== undefined) {
    if (given['MODEL_PATH'] !== undefined)
      throw new AppError('usage', `${command}: CHECKPOINT and --model-path are the same`, see);
    given['MODEL_PATH'] = checkpoint;
  }
  return { given, json: values['json'] === true };
}

const typeOf = (flag: string): 'string' | 'boolean' => (byFlag.has(flag) ? 'string' : 'boolean');

const WIDTH = 100;
const INDENT = ' '.repeat(6);

/** The flags with their meaning, for `--help`. */
export function describeFlags(): string {
  return Object.entries(settingGroups)
    .map(([title, group]) => {
      const lines = (Object.keys(group) as SettingName[]).flatMap((name) => {
        const short = Object.keys(SHORT).find((flag) => SHORT[flag] === name);
        const fallback = defaultOf(name);
        const flags = [...(short === undefined ? [] : [short]), flagOf(name)].join(', ');
        const meaning = `${settings[name].description ?? ''}${fallback === '' ? '' : ` [${fallback}]`}`;
        return [`  ${flags}`, ...wrap(meaning)];
      });
      return [`${title}:`, ...lines].join('\n');
    })
    .join('\n\n');
}

/** As text; empty where a setting has none. */
export function defaultOf(name: SettingName): string {
  const fallback: unknown = settings[name].safeParse(undefined).data;
  return typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : '';
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line !== INDENT) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
