// What the converter is asked for and what it answers. It runs in a thread of its own: these are the messages, with
// its guard. The other side's guard is conversion-reply.ts.
import type { ErrorCode } from '../errors/catalogue.js';
import type { Converted } from './artifact.js';
import type { Inspection } from './inspection.js';
import { isRecord } from './is-record.js';
import type { GraphEnds, Precision } from './model.js';
import type { Scale } from './preprocessing.js';

/** A checkpoint, as far as it must be told. */
export interface CheckpointPlace {
  readonly checkpoint: string;
  /** A JSON file with the architecture, for a file of weights only, or in place of the one in the checkpoint. */
  readonly architecture?: string;
}

export interface ConvertOptions extends CheckpointPlace {
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

export interface InspectOptions extends CheckpointPlace {
  readonly maxParameters: number;
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

export interface PictureSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
}

/** What the manifest says of the model's last layer. */
export type OutputKind = 'auto' | 'probabilities' | 'logits';

export interface WriteOptions {
  /** The folder made; it must not exist, or be empty. */
  readonly folder: string;
  /**
   * 'held': weights of 4 kB and more become files beside the graph, which names them by absolute path; our own addon maps
   * them, once for all sessions. 'mapped': the same, but TensorFlow maps them, anew in each run. 'inside': one file that can
   * be moved and that any TensorFlow reads.
   */
  readonly weights: 'held' | 'mapped' | 'inside';
}

export type ConversionTask =
  | { readonly kind: 'convert'; readonly options: ConvertOptions }
  | { readonly kind: 'inspect'; readonly options: InspectOptions };

/** What each kind of task gives. */
export interface TaskResults {
  readonly convert: Converted;
  readonly inspect: Inspection;
}

export type ConversionReply =
  | { readonly ok: true; readonly kind: 'convert'; readonly result: Converted }
  | { readonly ok: true; readonly kind: 'inspect'; readonly result: Inspection }
  | FailedConversion;

/** An error posted from a thread arrives without its code: it travels as data. */
export interface FailedConversion {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly remedy: string;
  /** For the log. */
  readonly cause: string | undefined;
  /** Nothing else may run in the thread: its HDF5 library was trapped, and is in no state that anyone knows. */
  readonly threadIsSpent: boolean;
}

export const isConversionTask = (value: unknown): value is ConversionTask =>
  isRecord(value) &&
  (value['kind'] === 'convert' || value['kind'] === 'inspect') &&
  isRecord(value['options']) &&
  typeof value['options']['checkpoint'] === 'string' &&
  typeof value['options']['maxParameters'] === 'number';
