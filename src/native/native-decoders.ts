// What our own addon does for pictures, loaded when the first one needs it.
import type { NativeDecoders } from '../contracts/native-decoders.js';
import { loadAddon } from './addon.js';
import { hasOwnAddon, loadOwnAddon, type OwnAddon } from './own-addon.js';

/** Undefined where the addon was not compiled. */
export function nativeDecoders(): NativeDecoders | undefined {
  if (!hasOwnAddon()) return undefined;
  let loaded: OwnAddon | undefined;
  const own = (): OwnAddon => {
    if (loaded === undefined) {
      // With TensorFlow's settings in force; where models are served it is loaded already.
      loadAddon();
      loaded = loadOwnAddon();
    }
    return loaded;
  };
  return {
    shrinkJpeg: async (...picture) => own().shrinkJpeg(...picture),
    inflateRows: (data, rows) => own().inflateRows(data, rows),
  };
}
