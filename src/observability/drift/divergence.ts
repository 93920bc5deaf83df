// How far two distributions over the same bins are apart.

/**
 * The population stability index, sum of (p - q) ln(p / q): by the custom of credit scoring, under 0.1 is stable and
 * above 0.25 has shifted. Shares of 0 have no logarithm: smooth them first.
 */
export const stabilityIndex = (shares: readonly number[], reference: readonly number[]): number =>
  shares.reduce((sum, share, at) => {
    const other = reference[at] ?? 0;
    return sum + (share - other) * Math.log(share / other);
  }, 0);

/** The Jensen-Shannon divergence to base 2: 0 for equal distributions, 1 for those that share no bin. */
export const jensenShannon = (shares: readonly number[], reference: readonly number[]): number =>
  shares.reduce((sum, share, at) => {
    const other = reference[at] ?? 0;
    const middle = (share + other) / 2;
    return sum + (towards(share, middle) + towards(other, middle)) / 2;
  }, 0);

const towards = (share: number, middle: number): number =>
  share === 0 ? 0 : share * Math.log2(share / middle);

/** Half a picture more in each bin: Jeffreys' prior. */
export function smoothed(shares: readonly number[], samples: number): readonly number[] {
  const total = samples + shares.length / 2;
  return shares.map((share) => (share * samples + 0.5) / total);
}

/**
 * What the index stays under by chance alone, in all but a few of a thousand cases: times 1/n + 1/m it is distributed
 * as chi-squared with one degree of freedom less than there are bins (B. Yurdakul, 2018), taken at its mean and three
 * deviations. With many classes and few pictures this lies far above the usual thresholds.
 */
export const chanceIndex = (bins: number, samples: number, referenceSamples: number): number =>
  (1 / samples + 1 / referenceSamples) * (bins - 1 + 3 * Math.sqrt(2 * (bins - 1)));
