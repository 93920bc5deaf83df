// Native set-up: one idempotent step that `npm start`, `npm test`, the command line and the image share.
// Usually it finds the stamp and is done; what it needs beyond that is imported only then.
import { userEnvironment, type UserEnvironment } from '../config/user-environment.js';
import type { Progress } from '../contracts/progress.js';
import { nativeReady } from './ready.js';
import type { Source } from './set-up-ways.js';
import { tfjsPackage, type TfjsPackage } from './tfjs-package.js';
import { wheelPin, type WheelPin } from './wheel-pin.js';

export interface SetupOptions {
  readonly progress: Progress;
  /** Where entries are kept; H5SERVE_CACHE or the user's cache folder when not given. */
  readonly cacheDir?: string;
  /** Makes the entry anew, whatever is there. */
  readonly force?: boolean;
  /** For tests: another checkout's package, another wheel, another environment. */
  readonly tfjs?: TfjsPackage;
  readonly pin?: WheelPin;
  readonly user?: UserEnvironment;
}

export interface SetupResult {
  readonly source: Source;
  readonly ms: number;
}

/** Rejects with AppError `native_setup_failed`, or with `Interrupted` on SIGINT and SIGTERM. */
export async function ensureNative(options: SetupOptions): Promise<SetupResult> {
  const begun = performance.now();
  const { progress, force = false, tfjs = tfjsPackage(), pin = wheelPin() } = options;
  const finish = (source: Source): SetupResult => ({ source, ms: performance.now() - begun });
  if (!force && nativeReady(tfjs, pin)) return finish('ready');

  const [{ interruptible }, { setUp }] = await Promise.all([
    import('./interruption.js'),
    import('./set-up-ways.js'),
  ]);
  const surroundings = options.user ?? userEnvironment();
  const user = { ...surroundings, cacheDir: options.cacheDir ?? surroundings.cacheDir };
  return finish(await interruptible((signal) => setUp({ tfjs, pin, user, progress, force, signal })));
}
