// What the one input, the one output and the signatures of every model are called.
import { AppError } from '../../errors/app-error.js';

export const INPUT_NAME = 'input';
export const OUTPUT_NAME = 'probabilities';

/** TensorFlow's name of the signature that is used where a request names none. */
export const PREDICT_SIGNATURE = 'serving_default';
export const CLASSIFY_SIGNATURE = 'classify';

export function requireSignature(name: string | undefined, known: readonly string[]): void {
  if (name === undefined || name === '' || known.includes(name)) return;
  const found = JSON.stringify(name.slice(0, 100));
  throw new AppError(
    'invalid_parameter',
    `Serving signature name: ${found} not found in signature def; there is ${known.join(', ')}`,
  );
}
