// The addon of our own, which must be there unless tfjs-node's own installer brought TensorFlow.
import type { ShrinkJpeg } from '../../src/contracts/shrink-jpeg.js';
import { nativeShrinkJpeg } from '../../src/native/shrink-jpeg.js';
import { OWN_INSTALLER, readStamp } from '../../src/native/stamp.js';
import { tfjsPackage } from '../../src/native/tfjs-package.js';

export function needsOwnAddon(test: Mocha.Context): void {
  if (readStamp(tfjsPackage())?.key === OWN_INSTALLER) test.skip();
}

export function ownShrinkJpeg(test: Mocha.Context): ShrinkJpeg {
  needsOwnAddon(test);
  const shrinkJpeg = nativeShrinkJpeg();
  if (shrinkJpeg === undefined) throw new Error('the addon of our own was not set up');
  return shrinkJpeg;
}
