// The one door between HTTP and inference. HTTP knows nothing of pools, threads or TensorFlow.
import type { ModelFailure, ModelInfo } from './model.js';

export interface ClassifyOptions {
  /** Milliseconds since the process started (performance.now()) by which the answer must be there. */
  readonly deadline: number;
  /** Aborted when the client goes away: a queued image is then dropped, a running one is not. */
  readonly signal?: AbortSignal;
}

export interface Classification {
  /** One probability per label, in label order. */
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
  /** Throws queue_full or draining when a new image would be refused: asked before an upload is read. */
  admit(images: number): void;
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
