// What h5serve adds to tfjs-node's addon: compiled beside it from src/native/own, against the same library.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { machine } from '../config/machine.js';
import type { Caches } from '../config/onednn.js';
import type { NativeDecoders } from '../contracts/native-decoders.js';
import type { WatchPauses } from '../contracts/watch-pauses.js';
import { AppError } from '../errors/app-error.js';
import { tfjsPackage } from './tfjs-package.js';

export const OWN_ADDON = 'h5serve.node';

type Correction = 'sound' | 'corrected' | 'unknown' | 'missing';

/** Of the decoders, each throws a TypeError where its arguments do not fit each other. */
export interface OwnAddon extends NativeDecoders {
  /** Tells oneDNN that it knows no sizes of caches, if it took them for one byte each (hidden_caches.cc). */
  correctCaches(): Correction;
  /**
   * Files of this folder, where a graph names them by HELD_SCHEME and their absolute path, are mapped once for all sessions.
   * They stay until every thread that took hold of the folder let go or ended, even if they are deleted meanwhile.
   */
  holdFiles(folder: string): void;
  letGoOfFiles(folder: string): void;
  /** Another descriptor of the same file or socket; -1 where there can be none. */
  duplicate(descriptor: number): number;
  /** Gives back to the system what was freed, but is kept in case that it is needed again. */
  releaseMemory(): void;
  readonly watchPauses: WatchPauses;
  /** Another thread that waits for this processor goes first. */
  yieldProcessor(): void;
}

/** tfjs-node's own installer brings none. */
export const ownAddonBeside = (addonFile = tfjsPackage().addonFile): string =>
  path.join(path.dirname(addonFile), OWN_ADDON);

export const hasOwnAddon = (addonFile?: string): boolean => existsSync(ownAddonBeside(addonFile));

/** How weights are best kept for sessions of this process. */
export const sharedWeights = (): 'held' | 'mapped' => (hasOwnAddon() ? 'held' : 'mapped');

/** TensorFlow must be loaded before, with its settings (addon.ts). */
export const loadOwnAddon = (addonFile?: string): OwnAddon =>
  createRequire(import.meta.url)(ownAddonBeside(addonFile)) as OwnAddon;

/** Returns what lets go of them again. Without the addon of our own TensorFlow opens the files itself, in each run. */
export function holdFiles(folder: string): () => void {
  if (!hasOwnAddon()) return () => undefined;
  const own = loadOwnAddon();
  own.holdFiles(folder);
  return () => own.letGoOfFiles(folder);
}

export const cachesHere = (addonFile?: string): Caches => ({
  hidden: machine().cachesHidden,
  correctable: hasOwnAddon(addonFile),
});

export function correctCaches(addonFile: string): void {
  const correction = loadOwnAddon(addonFile).correctCaches();
  if (correction === 'sound' || correction === 'corrected') return;
  throw new AppError(
    'native_missing',
    `oneDNN has wrong sizes of this computer’s caches, which could not be corrected (${correction}).`,
    {
      remedy:
        'Run `npx h5serve setup --force`. Or set TF_ENABLE_ONEDNN_OPTS=0: slower, but the sizes do not matter then.',
    },
  );
}
