// Numbers as they are shown: no digits that carry nothing.

/** To the microsecond. */
export const milliseconds = (value: number): number => Math.round(value * 1000) / 1000;

/** Powers of ten up to here are exact, so that a whole number divided by one is the nearest float to that decimal. */
const MOST_DECIMALS = 22;
const TENS = Array.from({ length: MOST_DECIMALS + 1 }, (_, power) => 10 ** power);

/** A float32 holds about seven digits: 0.9862, not 0.9861999750137329. By arithmetic, as texts take ten times as long. */
export function probability(value: number): number {
  const decimals = 6 - Math.floor(Math.log10(value));
  const scale = TENS[decimals];
  return scale === undefined ? Number(value.toPrecision(7)) : Math.round(value * scale) / scale;
}
