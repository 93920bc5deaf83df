// What the converter is asked for.
import type { GraphEnds, Precision } from '../contracts/model.js';
import type { Scale } from '../contracts/preprocessing.js';
import type { OutputKind } from './class-output.js';
import type { PictureSize } from './image-input.js';
import type { WriteOptions } from './saved-model/weight-files.js';

export interface ConvertOptions {
  readonly checkpoint: string;
  /** A JSON file with the architecture, for a file of weights only. */
  readonly architecture?: string;
  readonly write: WriteOptions;
  readonly precision: Precision;
  readonly maxParameters: number;
  /**
   * 'pictures': uint8 pixels in, one probability per class out, as the server wants it.
   * 'raw': the model's own input and output in float32, to compare with Keras.
   */
  readonly head: PictureHead | RawHead;
  /** For models that come as a graph. */
  readonly graph?: GraphEnds | undefined;
}

export interface RawHead {
  readonly kind: 'raw';
  /** Sizes without the batch, for axes that the model leaves open. */
  readonly size: readonly number[];
}

export interface PictureHead {
  readonly kind: 'pictures';
  readonly scale: Scale | 'auto';
  readonly output: OutputKind;
  /** The layer whose output is served, where the model has several outputs. */
  readonly outputLayer?: string;
  readonly size: Partial<PictureSize>;
}
