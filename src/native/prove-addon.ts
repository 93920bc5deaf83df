// Whether an addon really loads, found out in a child process.
import path from 'node:path';
import { packageRoot } from '../config/program-files.js';
import { childEnvironment } from '../config/user-environment.js';
import { lastLines, runChild } from './child.js';

const PROBE_TIMEOUT_MS = 120_000;
const probe = path.join(packageRoot, 'dist', 'src', 'native', 'addon-probe.js');

export type Proof =
  { readonly loads: true; readonly tensorflow: string } | { readonly loads: false; readonly reason: string };

const isVersion = (value: unknown): value is { tensorflow: string } =>
  typeof value === 'object' &&
  value !== null &&
  'tensorflow' in value &&
  typeof value.tensorflow === 'string';

export async function proveAddon(addonFile: string, signal?: AbortSignal): Promise<Proof> {
  const child = await runChild(process.execPath, [probe, addonFile], {
    signal,
    timeoutMs: PROBE_TIMEOUT_MS,
    env: childEnvironment({ TF_CPP_MIN_LOG_LEVEL: '3' }),
  });
  if (!child.ok) return { loads: false, reason: lastLines(`${child.output}\n(${child.outcome})`, 6) };
  const answer: unknown = JSON.parse(lastLines(child.stdout, 1));
  return isVersion(answer)
    ? { loads: true, tensorflow: answer.tensorflow }
    : { loads: false, reason: `it answered ${JSON.stringify(answer)}` };
}
