// The check of every start: is TensorFlow set up? It reads a stamp and a few file sizes and loads nothing.
import { entryKey } from './cache-entry.js';
import { readStamp, stampHolds } from './stamp.js';
import { tfjsPackage } from './tfjs-package.js';
import { wheelPin } from './wheel-pin.js';

export function nativeReady(tfjs = tfjsPackage(), pin = wheelPin()): boolean {
  const stamp = readStamp(tfjs);
  return stamp !== undefined && stampHolds(stamp, tfjs, pin === undefined ? undefined : entryKey(pin, tfjs));
}
