// The addon of our own, which must be there unless tfjs-node's own installer brought TensorFlow.
import type { NativeDecoders } from '../../src/contracts/native-decoders.js';
import { nativeDecoders } from '../../src/native/native-decoders.js';
import { OWN_INSTALLER, readStamp } from '../../src/native/stamp.js';
import { tfjsPackage } from '../../src/native/tfjs-package.js';

export function needsOwnAddon(test: Mocha.Context): void {
  if (readStamp(tfjsPackage())?.key === OWN_INSTALLER) test.skip();
}

export function ownDecoders(test: Mocha.Context): NativeDecoders {
  needsOwnAddon(test);
  const decoders = nativeDecoders();
  if (decoders === undefined) throw new Error('the addon of our own was not set up');
  return decoders;
}
