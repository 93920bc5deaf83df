// The k most probable classes, best first.
import { AppError } from '../errors/app-error.js';

export interface RankedClass {
  readonly index: number;
  readonly probability: number;
}

/** Equal probabilities keep class order. At most as many as there are classes. */
export function topK(probabilities: Float32Array, k: number): readonly RankedClass[] {
  const best: RankedClass[] = [];
  for (const [index, probability] of probabilities.entries()) {
    // NaN compares false with everything and would silently vanish from the ranking.
    if (!Number.isFinite(probability)) {
      throw new AppError(
        'inference_failed',
        `class ${index} has the probability ${probability}; expected a finite number`,
      );
    }
    insert(best, { index, probability }, k);
  }
  return best;
}

/** Keeps `best` sorted and no longer than k: for small k nearly every class ends at the first comparison. */
function insert(best: RankedClass[], candidate: RankedClass, k: number): void {
  let position = best.length;
  while (position > 0 && (best[position - 1]?.probability ?? Infinity) < candidate.probability) position -= 1;
  if (position >= k) return;
  best.splice(position, 0, candidate);
  if (best.length > k) best.pop();
}
