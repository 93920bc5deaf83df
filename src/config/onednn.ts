// Whether TensorFlow may compute with oneDNN. oneDNN plans by the sizes of the processor's caches; some virtual machines
// hide them, and it then takes each for one byte: plans divide by zero, which ends the process, and results in bfloat16
// are wrong (docs/adr/0002).
import { machine } from './machine.js';

const SETTING = 'TF_ENABLE_ONEDNN_OPTS';

/** Who sets it means it. Call before the library loads. */
export function settleOneDnn(environment = process.env): void {
  environment[SETTING] ??= machine().knowsCaches ? '1' : '0';
}

/** As it has been settled, or would be. */
export const usesOneDnn = (environment = process.env): boolean =>
  environment[SETTING] === undefined ? machine().knowsCaches : environment[SETTING] !== '0';
