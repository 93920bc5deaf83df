// Options and positional arguments of a command, by node:util's parser; what it refuses becomes an error of the catalogue.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError } from '../errors/app-error.js';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>
>;

export function parseOptions<const T extends Options>(
  command: string,
  args: string[],
  options: T,
): Parsed<T> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new AppError('usage', `${command}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      remedy: `See \`h5serve ${command} --help\`.`,
    });
  }
}
