// h5serve key: makes an API key, and the line that lets it in.
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { KEY_NAME, keyLine, newKey } from '../access/api-keys.js';
import { isRole, ROLES } from '../contracts/access.js';
import { AppError } from '../errors/app-error.js';
import type { Command } from './command.js';
import { parseOptions } from './parse-options.js';

export const keyCommand: Command = {
  name: 'key',
  summary: 'Make an API key',
  usage: `Usage: h5serve key NAME [--role predict|admin] [--file FILE]

Makes a random API key for NAME (who or what will call) and prints it: it is kept nowhere, only its SHA-256.

Options:
  --role ROLE  predict (default) or admin, who may all that predict may
  --file FILE  append the line \`role name sha256\` to this file (API_KEYS_FILE) in place of printing it

To replace a key, make a second one for the same NAME, hand it out, then delete the first one's line.`,
  async run(args) {
    const { positionals, values } = parseOptions('key', args, {
      role: { type: 'string', default: 'predict' },
      file: { type: 'string' },
    });
    const [name, ...others] = positionals;
    const see = { remedy: 'See `h5serve key --help`.' };
    if (name === undefined || others.length > 0) throw new AppError('usage', 'key: one NAME is needed', see);
    if (!isRole(values.role)) {
      throw new AppError('usage', `key: --role is one of ${ROLES.join(', ')}; found "${values.role}"`, see);
    }
    if (!KEY_NAME.test(name)) {
      const says = `key: NAME is up to 64 letters, digits, ".", "_" and "-"; found "${name}"`;
      throw new AppError('usage', says, see);
    }
    const key = newKey();
    const line = keyLine(values.role, name, key);
    if (values.file === undefined) {
      console.log(`${key}\n`);
      console.log(`Line for API_KEYS_FILE:  ${line}`);
      console.log(`Or API_KEYS=${line.replaceAll(' ', ':')}`);
    } else {
      const file = path.resolve(values.file);
      await appendFile(file, `${line}\n`, { mode: 0o600 }).catch((cause: unknown) => {
        throw new AppError('usage', `key: ${file} cannot be written`, { ...see, cause });
      });
      console.log(key);
    }
    return 0;
  },
};
