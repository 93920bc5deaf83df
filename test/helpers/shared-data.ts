// Data that is too large or not ours to commit lies beside the repository; tests that need it skip where it is absent.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { Context } from 'mocha';

const ROOT = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** The path of a file or folder of the shared data; skips the running test or suite if it is not there. */
export function sharedData(context: Context, ...parts: string[]): string {
  const wanted = path.join(ROOT, ...parts);
  if (!existsSync(wanted)) context.skip();
  return wanted;
}
