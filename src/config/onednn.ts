// Whether TensorFlow computes with oneDNN: a variable of the environment, which TensorFlow reads while it loads.
import { machine } from './machine.js';

/** `unsound`: turned on by the user where it divides by zero, or computes wrong sums in bfloat16. */
export type OneDnn = 'on' | 'off' | 'unsound';

export interface Caches {
  /** The computer does not tell the sizes of its caches, which oneDNN then takes for one byte each. */
  readonly hidden: boolean;
  /** The addon that corrects oneDNN is there. */
  readonly correctable: boolean;
}

/**
 * Call it before TensorFlow is loaded. A user's own TF_ENABLE_ONEDNN_OPTS wins. Where oneDNN would be unsound,
 * TensorFlow's own kernels compute: they do not ask for the caches' sizes.
 */
export function settleOneDnn({ hidden, correctable }: Caches, environment = process.env): OneDnn {
  const sound = !hidden || correctable;
  const setting = (environment['TF_ENABLE_ONEDNN_OPTS'] ??= sound ? '1' : '0');
  // As TensorFlow reads it.
  if (/^(?:0|false)$/i.test(setting)) return 'off';
  return sound ? 'on' : 'unsound';
}

/** bfloat16 where the processor multiplies in it and oneDNN, which alone makes it do so, is sound. */
export const bestPrecision = (oneDnn: OneDnn, { features } = machine()): 'bfloat16' | 'float32' =>
  oneDnn === 'on' && (features.avx512_bf16 || features.amx_bf16) ? 'bfloat16' : 'float32';
