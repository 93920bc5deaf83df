// TensorFlow's own settings: environment variables of the whole process, read when its library loads.

export interface ThreadSettings {
  /** Threads that one worker computes with. */
  readonly threadsPerWorker: number;
}

const MINIMUM_LOG_LEVEL = '2';

/** What is set already wins: whoever sets TF_NUM_INTRAOP_THREADS means it. Call before the addon is loaded. */
export function applyThreadSettings({ threadsPerWorker }: ThreadSettings, environment = process.env): void {
  const wanted: Readonly<Record<string, string>> = {
    // One intra-op pool for all sessions lets two workers compute no faster than one: each gets its own.
    TF_OVERRIDE_GLOBAL_THREADPOOL: '1',
    TF_NUM_INTRAOP_THREADS: String(threadsPerWorker),
    // A run stays on its worker's own thread: handing each to a thread of TensorFlow's costs 0.1 ms, a digit takes 0.2.
    TF_NUM_INTEROP_THREADS: '-1',
    // oneDNN keeps its reordered copy of memory-mapped weights, as it does of constants.
    TF_ONEDNN_ASSUME_FROZEN_WEIGHTS: '1',
    TF_CPP_MIN_LOG_LEVEL: MINIMUM_LOG_LEVEL,
  };
  for (const [name, value] of Object.entries(wanted)) environment[name] ??= value;
}
