// The one door between HTTP and inference. HTTP knows nothing of pools, threads or TensorFlow.
import type { ModelFailure, ModelInfo } from './model.js';
import type { StopSignal } from './stop-signal.js';

/** In the order in which they are served. */
export const PRIORITIES = ['interactive', 'batch'] as const;

export type Priority = (typeof PRIORITIES)[number];

export interface ClassifyOptions {
  /** Milliseconds since the process started (performance.now()) by which the answer must be there. */
  readonly deadline: number;
  /** Aborted when the client goes away: a queued image is then dropped, a running one is not. */
  readonly signal?: StopSignal;
  /** 'interactive' when unset. 'batch': work that nobody waits for; it gives way, and fills half of the queue at most. */
  readonly priority?: Priority;
}

export type AdmitOptions = Pick<ClassifyOptions, 'priority'> & Partial<Pick<ClassifyOptions, 'deadline'>>;

export interface Classification {
  /** One probability per label, in label order. A view on the whole batch's answers: copy what is kept for long. */
  readonly probabilities: Float32Array;
  /** Milliseconds this image waited for a worker, and its batch spent in one. */
  readonly queueMs: number;
  readonly inferenceMs: number;
  readonly batchSize: number;
}

export interface WorkerHealth {
  readonly threads: number;
  readonly busy: number;
  readonly queued: number;
  /** Native tensors alive after the last runs: at most one per thread, or something leaks. */
  readonly tensors: number;
}

/** One model version, ready to classify. */
export interface ServedModel {
  readonly info: ModelInfo;
  /** Milliseconds that one picture alone costs a worker, as measured while warming up. */
  readonly costMs: number;
  /** `pixels`: height x width x channels bytes, as info.input says. Ownership passes to the model. */
  classify(pixels: Uint8Array, options: ClassifyOptions): Promise<Classification>;
  /**
   * Several images of one request, in order: taken all or none, split over batches and workers, and failed together.
   * Who wants each image's own fate calls `admit` and then `classify` for each, in one turn of the event loop.
   */
  classifyAll(images: readonly Uint8Array[], options: ClassifyOptions): Promise<readonly Classification[]>;
  /**
   * Numbers as Keras's own predict takes them, already scaled: `count` examples of the shape `info.inputShape`.
   * Throws invalid_parameter where `values` has another length.
   */
  classifyTensor(
    values: Float32Array,
    count: number,
    options: ClassifyOptions,
  ): Promise<readonly Classification[]>;
  /**
   * Throws what `classify` would reject with, were so many images submitted now: queue_full (no room, or none before
   * the deadline), too_many_images (more than ever fit) or draining. Asked before an upload is read.
   */
  admit(images: number, options?: AdmitOptions): void;
  /**
   * Admits images that are not pixels yet and keeps their room, so that none is decoded only to be refused. Give the room
   * back (once or more often) when they are, in the turn of the event loop in which they are classified, or not at all.
   */
  reserve(images: number, options?: AdmitOptions): () => void;
  health(): WorkerHealth;
}

export interface Classifier {
  /** Throws unknown_model (no such name) or model_unavailable (it failed to load, or is loading). */
  model(name?: string, version?: string): ServedModel;
  readonly defaultModel: string | null;
  models(): readonly ServedModel[];
  failures(): readonly ModelFailure[];
  /** True once every model that can be served is warm, and until draining begins. */
  ready(): boolean;
}
