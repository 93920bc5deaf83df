// The on-off flags of a command that takes nothing else.
import { AppError } from '../errors/app-error.js';
import { parseOptions } from './parse-options.js';

export function parseFlags<Name extends string>(
  command: string,
  args: string[],
  names: readonly Name[],
): Readonly<Record<Name, boolean>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' } as const]));
  const { values, positionals } = parseOptions(command, args, options);
  if (positionals.length > 0) {
    throw new AppError('usage', `${command}: takes no arguments; found "${positionals.join(' ')}"`, {
      remedy: `See \`h5serve ${command} --help\`.`,
    });
  }
  return Object.fromEntries(names.map((name) => [name, values[name] === true])) as Record<Name, boolean>;
}
