// Python programs as users run them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Context } from 'mocha';

const run = promisify(execFile);

export interface PythonOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function python(args: readonly string[]): Promise<PythonOutput> {
  try {
    const { stdout, stderr } = await run('python3', [...args], { timeout: 50_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error) {
      return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
    }
    throw error;
  }
}

/** Skips the running test or suite, visibly, where Python has not these modules. */
export async function needsPython(context: Context, ...modules: readonly string[]): Promise<void> {
  const found = await python(['-c', `import ${modules.join(', ')}`]).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (!found) context.skip();
}
