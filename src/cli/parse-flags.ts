// On-off flags of a command, by node:util's parser; what it refuses becomes an error of the catalogue.
import { parseArgs } from 'node:util';
import { AppError } from '../errors/app-error.js';

const flag = { type: 'boolean' } as const;

/** Every command also knows --help; none of these takes positional arguments. */
export function parseFlags<Name extends string>(
  command: string,
  args: string[],
  names: readonly Name[],
): Readonly<Record<Name | 'help', boolean>> {
  const options = Object.fromEntries(names.map((name) => [name, flag]));
  try {
    const parsed = parseArgs({ args, options: { ...options, help: { ...flag, short: 'h' } }, strict: true });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    const all = [...names, 'help'] as const;
    return Object.fromEntries(all.map((name) => [name, values[name] === true])) as Record<Name | 'help', boolean>;
  } catch (cause) {
    throw new AppError('usage', `${command}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      remedy: `See \`h5serve ${command} --help\`.`,
    });
  }
}
