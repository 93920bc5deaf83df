// Whether a model's recent predictions look like those on the pictures that it was tested with: which classes, and how
// sure. It knows nothing of what is right; it says when the pictures, or the way they are taken, have changed.
import type { ReferenceShares } from '../../contracts/model.js';
import { chanceIndex, jensenShannon, smoothed, stabilityIndex } from './divergence.js';
import { PredictionWindow } from './window.js';

export const DRIFT_LIMITS = {
  /** The last predictions that are looked at. */
  window: 2_000,
  /** Fewer say nothing. */
  minimum: 200,
  /** Where a model has no reference, its first predictions are taken for one. */
  baseline: 1_000,
  /** The usual thresholds of the population stability index; chance alone may lift them. */
  warning: 0.1,
  drift: 0.25,
  confidenceBins: 10,
} as const;

export type DriftStatus = 'collecting' | 'stable' | 'warning' | 'drift';

export interface Divergence {
  readonly psi: number;
  readonly jensenShannon: number;
  /** What `psi` must exceed to be taken for a warning and for drift, with so many pictures. */
  readonly warning: number;
  readonly drift: number;
}

export interface DriftReport {
  readonly status: DriftStatus;
  /** How many predictions the window holds. */
  readonly predictions: number;
  readonly source: 'manifest' | 'first_predictions';
  readonly referenceSamples: number | null;
  readonly shares: readonly number[];
  /** Null while it is being collected. */
  readonly referenceShares: readonly number[] | null;
  readonly classes: Divergence | null;
  readonly confidence: Divergence | null;
}

export interface DriftOptions {
  readonly classes: number;
  readonly reference: ReferenceShares | null;
}

export class DriftMonitor {
  readonly #recent: PredictionWindow;
  #baseline: PredictionWindow | undefined;

  constructor(private readonly options: DriftOptions) {
    const { classes, reference } = options;
    const { window, baseline, confidenceBins } = DRIFT_LIMITS;
    this.#recent = new PredictionWindow(window, classes, confidenceBins);
    if (reference === null) this.#baseline = new PredictionWindow(baseline, classes, confidenceBins);
  }

  record(classIndex: number, confidence: number): void {
    // Until the baseline is full there is nothing to compare with.
    if (this.#baseline?.full === false) this.#baseline.add(classIndex, confidence);
    else this.#recent.add(classIndex, confidence);
  }

  report(): DriftReport {
    const { reference } = this.options;
    const own = this.#baseline;
    const known: ReferenceShares | null =
      reference ?? (own?.full === true ? { samples: own.size, ...own.shares() } : null);
    const shares = this.#recent.shares();
    const predictions = this.#recent.size;
    const compared = known !== null && predictions > 0;
    const classes = compared ? divergence(shares.classes, predictions, known.classes, known.samples) : null;
    const confidence =
      compared && known.confidence !== null
        ? divergence(shares.confidence, predictions, known.confidence, known.samples)
        : null;
    return {
      status: predictions < DRIFT_LIMITS.minimum ? 'collecting' : worst([classes, confidence].map(statusOf)),
      predictions,
      source: reference === null ? 'first_predictions' : 'manifest',
      referenceSamples: known === null ? (own?.size ?? null) : known.samples,
      shares: shares.classes,
      referenceShares: known?.classes ?? null,
      classes,
      confidence,
    };
  }
}

function divergence(
  shares: readonly number[],
  samples: number,
  reference: readonly number[],
  referenceSamples: number | null,
): Divergence {
  // Shares that somebody wrote down are taken as if they came from as many pictures as the window holds.
  const others = referenceSamples ?? samples;
  const chance = chanceIndex(shares.length, samples, others);
  return {
    psi: stabilityIndex(smoothed(shares, samples), smoothed(reference, others)),
    jensenShannon: jensenShannon(shares, reference),
    warning: Math.max(DRIFT_LIMITS.warning, chance),
    drift: Math.max(DRIFT_LIMITS.drift, chance),
  };
}

const SEVERITY = ['stable', 'warning', 'drift'] as const;

const statusOf = (found: Divergence | null): (typeof SEVERITY)[number] =>
  found === null || found.psi <= found.warning ? 'stable' : found.psi <= found.drift ? 'warning' : 'drift';

const worst = (statuses: readonly (typeof SEVERITY)[number][]): DriftStatus =>
  SEVERITY.findLast((status) => statuses.includes(status)) ?? 'stable';
