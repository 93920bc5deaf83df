// What a model takes, with as little out of the ordinary as can be.
import type { ImageInput } from '../../src/contracts/model.js';

export const imageInput = (wanted: Partial<ImageInput> = {}): ImageInput => ({
  height: 64,
  width: 64,
  channels: 3,
  resize: { fit: 'fill', kernel: 'bilinear' },
  invert: false,
  background: 0,
  ...wanted,
});
