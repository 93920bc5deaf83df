// The native addon of tfjs-node: the few calls that serving needs, typed.
// The .node file is loaded directly: tfjs-node's own JavaScript adds 150 ms and 40 MB to every thread that
// imports it, and none of it is needed to run a SavedModel. Importing this file loads nothing.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { settleOneDnn } from '../config/onednn.js';
import { AppError } from '../errors/app-error.js';
import { correctCaches, cachesHere } from './own-addon.js';
import { tfjsPackage } from './tfjs-package.js';

export type TensorData = Float32Array | Int32Array | Uint8Array;

export interface TensorMetadata {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

export interface Addon {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_UINT8: number;
  /** Shares memory with `data`: keep the tensor until the next run has returned (design.md, section 3). */
  createTensor(shape: readonly number[], dtype: number, data: TensorData): number;
  deleteTensor(tensorId: number): void;
  /** Floats, 32-bit integers and booleans only: the addon takes uint8 but does not give it back. */
  tensorDataSync(tensorId: number): TensorData;
  /** `tags` is a comma-separated list, `serve` for models that serve. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(modelId: number): void;
  /** Operation names are comma-separated lists such as `x:0`; each output must be deleted by its id. */
  runSavedModel(
    modelId: number,
    inputIds: readonly number[],
    inputs: string,
    outputs: string,
  ): TensorMetadata[];
  getNumOfTensors(): number;
}

const calls = [
  'createTensor',
  'deleteTensor',
  'tensorDataSync',
  'loadSavedModel',
  'deleteSavedModel',
  'runSavedModel',
  'getNumOfTensors',
] as const satisfies readonly (keyof Addon)[];

function isAddon(value: unknown): value is Addon {
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Record<string, unknown>;
  return (
    typeof members['TF_Version'] === 'string' && calls.every((name) => typeof members[name] === 'function')
  );
}

export const addonPath = (): string => tfjsPackage().addonFile;

/** Loads TensorFlow into this process (once) and hands out this thread's addon. */
export function loadAddon(file = addonPath()): Addon {
  if (!existsSync(file)) throw new AppError('native_missing', `The TensorFlow addon is not at ${file}.`);
  const caches = cachesHere(file);
  const oneDnn = settleOneDnn(caches);
  let loaded: unknown;
  try {
    loaded = createRequire(import.meta.url)(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('native_missing', `The TensorFlow addon does not load: ${reason}`, { cause });
  }
  if (!isAddon(loaded)) throw new AppError('native_missing', `${file} is not the addon of tfjs-node.`);
  if (oneDnn === 'on' && caches.hidden) correctCaches(file);
  return loaded;
}
