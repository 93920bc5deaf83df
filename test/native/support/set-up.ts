// A program: native set-up of the package and cache given, as JSON on standard output or an error on the other.
import { AppError, describeError } from '../../../src/errors/app-error.js';
import { Interrupted } from '../../../src/native/interruption.js';
import { ensureNative } from '../../../src/native/setup.js';
import { tfjsPackage } from '../../../src/native/tfjs-package.js';
import { terminalProgress } from '../../../src/observability/terminal-progress.js';

const [folder = '', cacheDir = ''] = process.argv.slice(2);

try {
  const result = await ensureNative({ progress: terminalProgress(), cacheDir, tfjs: tfjsPackage(folder) });
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(error instanceof AppError ? describeError(error) : error);
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
}
