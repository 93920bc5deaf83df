// A program: runs one command of the command line as src/cli.ts does.
import { doctorCommand } from '../../../src/cli/doctor.js';
import { setupCommand } from '../../../src/cli/setup.js';
import { describeError, toAppError } from '../../../src/errors/app-error.js';

const [name, ...args] = process.argv.slice(2);
const command = [setupCommand, doctorCommand].find((candidate) => candidate.name === name);

try {
  process.exitCode = await command?.run(args);
} catch (error) {
  console.error(describeError(toAppError(error)));
  process.exitCode = 1;
}
