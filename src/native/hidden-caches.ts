// What oneDNN must be told where a virtual machine hides the sizes of the CPU's caches (hidden_caches.cc says why).
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { machine } from '../config/machine.js';
import type { Caches } from '../config/onednn.js';
import { AppError } from '../errors/app-error.js';
import { tfjsPackage } from './tfjs-package.js';

export const CORRECTOR = 'hidden_caches.node';

/** Compiled beside the addon; tfjs-node's own installer brings none. */
export const correctorBeside = (addonFile: string): string => path.join(path.dirname(addonFile), CORRECTOR);

export const examineCaches = (addonFile = tfjsPackage().addonFile): Caches => ({
  hidden: machine().cachesHidden,
  correctable: existsSync(correctorBeside(addonFile)),
});

type Correction = 'sound' | 'corrected' | 'unknown' | 'missing';

/** Tells oneDNN that it knows no sizes of caches, if it took them for one byte each. TensorFlow must be loaded. */
export function correctCaches(addonFile: string): Correction {
  const { correct } = createRequire(import.meta.url)(correctorBeside(addonFile)) as {
    correct: () => Correction;
  };
  const correction = correct();
  if (correction === 'sound' || correction === 'corrected') return correction;
  throw new AppError(
    'native_missing',
    `oneDNN has wrong sizes of this computer’s caches, which could not be corrected (${correction}).`,
    {
      remedy:
        'Run `npx h5serve setup --force`. Or set TF_ENABLE_ONEDNN_OPTS=0: slower, and right without them.',
    },
  );
}
