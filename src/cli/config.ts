// h5serve config: every setting, what it is, where that came from and what it means.
import { loadSettings, type LoadedSettings } from '../config/load.js';
import { masked } from '../config/masked.js';
import { settingGroups, settings, type SettingName } from '../config/schema.js';
import { columns } from './columns.js';
import type { Command } from './command.js';
import { parseSettingFlags } from './setting-flags.js';

interface Row {
  readonly name: SettingName;
  readonly value: string | number | null;
  readonly source: string;
  readonly meaning: string;
}

function rowOf(name: SettingName, { config, sources }: LoadedSettings): Row {
  const value = config[name];
  const shown =
    typeof value === 'number' || value === undefined ? (value ?? null) : masked(name, String(value));
  return { name, value: shown, source: sources[name], meaning: settings[name].description ?? '' };
}

const groups = (loaded: LoadedSettings): readonly (readonly [string, readonly Row[]])[] =>
  Object.entries(settingGroups).map(([title, group]) => [
    title,
    (Object.keys(group) as SettingName[]).map((name) => rowOf(name, loaded)),
  ]);

function asText(loaded: LoadedSettings): string {
  const titled = groups(loaded);
  const cells = titled.flatMap(([, rows]) =>
    rows.map(({ name, value, source, meaning }) => [
      `  ${name}`,
      value === null ? 'unset' : String(value),
      source,
      meaning,
    ]),
  );
  const lines = columns(cells, ['left', 'left', 'left', 'left']);
  let at = 0;
  return titled
    .map(([title, rows]) => [title, ...lines.slice(at, (at += rows.length)), ''].join('\n'))
    .join('\n');
}

export const configCommand: Command = {
  name: 'config',
  summary: 'Show every setting, its value, source and meaning',
  usage: `Usage: h5serve config [CHECKPOINT] [--flags] [--json]

Shows the settings that \`h5serve serve\` would have with the same flags, in the same folder and environment.
Passwords are not shown. With --json: { name: { value, source, meaning } }.`,
  run(args) {
    const { given, json } = parseSettingFlags('config', args, { json: true });
    const loaded = loadSettings(given);
    for (const notice of loaded.notices) console.warn(notice);
    if (json) {
      const rows = groups(loaded).flatMap(([, group]) => group);
      const byName = Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
      console.log(JSON.stringify(byName, null, 2));
    } else {
      console.log(asText(loaded));
    }
    return Promise.resolve(0);
  },
};
