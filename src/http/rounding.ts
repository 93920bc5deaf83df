// Numbers as they are shown: no digits that carry nothing.

/** To the microsecond. */
export const milliseconds = (value: number): number => Math.round(value * 1000) / 1000;

/** A float32 holds about seven digits: 0.9862, not 0.9861999750137329. */
export const probability = (value: number): number => Number(value.toPrecision(7));
