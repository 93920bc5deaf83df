// TensorFlow's settings for serving: in the environment before its library is loaded, and the same ever after.
import { settleOneDnn, type Caches, type OneDnn } from '../config/onednn.js';
import { applyThreadSettings } from '../config/thread-settings.js';
import { cachesHere } from './own-addon.js';

export interface SettledTensorFlow {
  /** Threads that one worker computes with. */
  readonly threadsPerWorker: number;
  readonly caches: Caches;
  readonly oneDnn: OneDnn;
}

export function settleTensorFlow(threadsPerWorker = 1): SettledTensorFlow {
  applyThreadSettings({ threadsPerWorker });
  const caches = cachesHere();
  return { threadsPerWorker, caches, oneDnn: settleOneDnn(caches) };
}
