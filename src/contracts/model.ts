// What the rooms say to each other about a model that can be served.

import type { Scale } from './preprocessing.js';

/** How pixels must arrive at the model: what imaging needs to know, and no more. */
export interface ImageInput {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly resize: { readonly fit: 'fill' | 'cover' | 'contain'; readonly kernel: ResizeKernel };
  /** Dark-on-light pictures are turned light-on-dark: always, never, or where the border is bright. */
  readonly invert: boolean | 'auto';
  /** What shows through where a picture is transparent: 0 black to 255 white. */
  readonly background: number;
}

export type ResizeKernel = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos';

/** A model version as clients see it. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly topK: number;
  readonly accuracy: number | null;
  readonly input: ImageInput;
  /** As the manifest says it; with auto, `notices` tell what was taken. */
  readonly scale: Scale | 'auto';
  readonly inputShape: readonly (number | null)[];
  readonly outputShape: readonly (number | null)[];
  readonly totalParameters: number;
  /** Layer kinds in Keras's order, the input layer first. */
  readonly architecture: readonly string[];
  /** What its predictions were like on the pictures that it was tested with. */
  readonly reference: ReferenceShares | null;
  readonly precision: Precision;
  readonly sourceHash: string;
  /** Of all that decides the probabilities of a picture: weights, preprocessing, precision. */
  readonly fingerprint: string;
  readonly kerasVersion: string | null;
  /** What was assumed because nothing said otherwise, in sentences. */
  readonly notices: readonly string[];
}

/** How often a model predicts each class, and how sure it is, where all is well. */
export interface ReferenceShares {
  /** Of how many pictures; null where nobody says. */
  readonly samples: number | null;
  /** In the order of the labels; their sum is 1. */
  readonly classes: readonly number[];
  /** Of the confidences 0 to 0.1, 0.1 to 0.2, ..., 0.9 to 1; null where nobody says. */
  readonly confidence: readonly number[] | null;
}

export type Precision = 'float32' | 'bfloat16';

/** Where a TensorFlow graph is entered and left, as far as the graph does not say it itself. */
export interface GraphEnds {
  /** Of a SavedModel that has several. */
  readonly signature?: string | undefined;
  /** Key of the signature, or name of a tensor such as `input:0`. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** How many classes the output has, where the graph leaves it open. */
  readonly classes?: number | undefined;
}

/** A model folder that could not be made servable, and why. */
export interface ModelFailure {
  readonly name: string;
  readonly version: string | null;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
}
