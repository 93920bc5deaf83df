// The ways to a working addon, cheapest first: what is installed, the user's cache, a build, tfjs-node's installer.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { UserEnvironment } from '../config/user-environment.js';
import type { Progress } from '../contracts/progress.js';
import { AppError, toAppError } from '../errors/app-error.js';
import { entryKey, readEntry } from './cache-entry.js';
import { installHint } from './install-hint.js';
import { linkEntry } from './link-entry.js';
import { withLock } from './lock.js';
import { acceptInstalled, runOwnInstaller } from './own-installer.js';
import { prepareEntry } from './prepare-entry.js';
import { nativeReady } from './ready.js';
import { probeBuildTools, type BuildTools } from './requirements.js';
import { readStamp } from './stamp.js';
import type { TfjsPackage } from './tfjs-package.js';
import type { WheelPin } from './wheel-pin.js';

export interface SetUpContext {
  readonly tfjs: TfjsPackage;
  readonly pin: WheelPin | undefined;
  readonly user: UserEnvironment;
  readonly progress: Progress;
  readonly force: boolean;
  readonly signal: AbortSignal;
}

export type Source = 'ready' | 'cache' | 'built' | 'own-installer';

/** An addon without a stamp of ours: someone ran tfjs-node's own installer. It is theirs to choose. */
async function acceptForeign({ tfjs, progress, signal }: SetUpContext): Promise<boolean> {
  if (readStamp(tfjs) !== undefined || !existsSync(tfjs.addonFile)) return false;
  progress.step('Trying the TensorFlow addon that is installed');
  const proof = await acceptInstalled(tfjs, signal);
  progress.done(proof.loads ? `TensorFlow ${proof.tensorflow}` : 'it does not load');
  return proof.loads;
}

function useCached({ tfjs, pin, user }: SetUpContext): boolean {
  if (pin === undefined) return false;
  const key = entryKey(pin, tfjs);
  const entry = path.join(user.cacheDir, key);
  const found = readEntry(entry);
  if (found.state === 'complete') linkEntry(entry, key, found.receipt.tensorflow, tfjs);
  return found.state === 'complete';
}

const missingOf = ({ requirements }: BuildTools) => requirements.filter(({ found }) => found === undefined);

async function fallBack({ tfjs, pin, progress, signal }: SetUpContext, tools: BuildTools): Promise<Source> {
  const missing = missingOf(tools);
  const lacks = `Missing here: ${missing.map(({ called }) => called).join(', ')}.`;
  const installable = missing.flatMap(({ tool }) => tool ?? []);
  const remedy =
    installable.length === missing.length
      ? `${installHint(installable)}; then run \`npx h5serve setup\` again.`
      : missing.map((requirement) => requirement.remedy).join(' ');
  // That installer clears the ground before it downloads: never at the cost of what works.
  if (nativeReady(tfjs, pin)) {
    throw new AppError('native_setup_failed', `${lacks} What was set up before stays as it is.`, { remedy });
  }
  const proof = await runOwnInstaller(tfjs, progress, signal);
  if (proof.loads) return 'own-installer';
  throw new AppError(
    'native_setup_failed',
    `${lacks} tfjs-node’s own installer was tried instead and failed:\n${proof.reason}`,
    { remedy },
  );
}

async function buildOrFallBack(context: SetUpContext): Promise<Source> {
  const { tfjs, pin, user, progress, signal } = context;
  // Another process may have prepared the entry while this one waited for the lock.
  if (!context.force && useCached(context)) return 'cache';
  const tools = await probeBuildTools(user, signal);
  if (pin === undefined || tools.compiler === undefined || missingOf(tools).length > 0) {
    return fallBack(context, tools);
  }
  const key = entryKey(pin, tfjs);
  if (readEntry(path.join(user.cacheDir, key)).state === 'damaged') {
    progress.step('The cached TensorFlow is damaged');
    progress.done('it is made anew');
  }
  const tensorflow = await prepareEntry({
    ...{ cacheDir: user.cacheDir, key, pin, tfjs, progress, signal },
    ...{ python: user.python, compiler: tools.compiler },
  });
  linkEntry(path.join(user.cacheDir, key), key, tensorflow, tfjs);
  return 'built';
}

const forbidden =
  'Give this user the right to write there, or set H5SERVE_CACHE to a folder that it may write.';

const remedies: Readonly<Partial<Record<string, string>>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: 'Set H5SERVE_CACHE to a folder that can be written, or run the set-up while the image is built.',
  ENOSPC: 'Free some space, or set H5SERVE_CACHE to a folder on a larger disk.',
  ENOTDIR: 'Set H5SERVE_CACHE to a folder.',
};

/** The system's own words, with what to do about them. */
function known(error: unknown): AppError {
  if (error instanceof AppError || !(error instanceof Error)) return toAppError(error, 'native_setup_failed');
  const remedy = 'code' in error ? remedies[String(error.code)] : undefined;
  return new AppError('native_setup_failed', error.message, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export async function setUp(context: SetUpContext): Promise<Source> {
  const { user, progress, signal } = context;
  try {
    if (!context.force && (await acceptForeign(context))) return 'ready';
    // A whole entry needs no lock: it was renamed into place, and the cache may be read-only.
    if (!context.force && useCached(context)) return 'cache';
    const onWait = (pid: number | undefined): void =>
      progress.step(`Waiting for another set-up${pid === undefined ? '' : ` (process ${pid})`} to finish`);
    return await withLock(path.join(user.cacheDir, 'setup.lock'), { signal, onWait }, () =>
      buildOrFallBack(context),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw known(error);
  }
}
