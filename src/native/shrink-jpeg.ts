// The JPEG decoder of our own addon, loaded when the first picture needs it.
import type { ShrinkJpeg } from '../contracts/shrink-jpeg.js';
import { loadAddon } from './addon.js';
import { hasOwnAddon, loadOwnAddon, type OwnAddon } from './own-addon.js';

/** Undefined where the addon was not compiled. */
export function nativeShrinkJpeg(): ShrinkJpeg | undefined {
  if (!hasOwnAddon()) return undefined;
  let own: OwnAddon | undefined;
  return async (...picture) => {
    if (own === undefined) {
      // With TensorFlow's settings in force; where models are served it is loaded already.
      loadAddon();
      own = loadOwnAddon();
    }
    return own.shrinkJpeg(...picture);
  };
}
