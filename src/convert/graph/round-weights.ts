// Weights rounded to bfloat16 so that those of each output still add up to what they did. What a convolution takes in
// is seldom centred: values behind a ReLU are positive. Rounded one by one, weights err by a little in sum, and every
// such value is multiplied by that: it was more than half of EfficientNetV2B2's error (docs/fidelity.md).
import { toBfloat16Bits } from './bfloat16.js';

/** From one bfloat16 to the next, in the bits of a float32. */
const STEP = 0x1_0000;
const BELOW_STEP = STEP - 1;
/** Between these a weight may be rounded the other way: its error grows by a fifth of a step at most. */
const NEAR_MIDDLE = { from: 0.4 * STEP, to: 0.6 * STEP } as const;

/** What the last bit of a float32 is worth, by its sign and exponent; nothing where the next bfloat16 is no number. */
const LAST_BIT = Float64Array.from({ length: 512 }, (_, bits) => {
  const exponent = bits & 0xff;
  const worth = exponent >= 254 ? 0 : 2 ** (Math.max(exponent, 1) - 150);
  return bits < 256 ? worth : -worth;
});

/** `values` are a kernel whose last axes, of `outputs` together, are what it gives. */
export function roundKeepingSums(values: Float32Array, outputs: number): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = toBfloat16Bits(values);
  const excess = excesses(words, halves, outputs);
  for (let row = 0; row < words.length; row += outputs) {
    for (let output = 0; output < outputs; output++) {
      const word = words[row + output] ?? 0;
      const cut = word & BELOW_STEP;
      if (cut < NEAR_MIDDLE.from || cut > NEAR_MIDDLE.to) continue;
      const half = halves[row + output] ?? 0;
      const move = half === word >>> 16 ? 1 : -1;
      const sum = excess[output] ?? 0;
      const moved = sum + move * STEP * (LAST_BIT[word >>> 23] ?? 0);
      if (Math.abs(moved) >= Math.abs(sum)) continue;
      halves[row + output] = half + move;
      excess[output] = moved;
    }
  }
  return halves;
}

/** By how much the rounded weights of each output are too large in sum. */
function excesses(words: Uint32Array, halves: Uint16Array, outputs: number): Float64Array {
  const excess = new Float64Array(outputs);
  for (let row = 0; row < words.length; row += outputs) {
    for (let output = 0; output < outputs; output++) {
      const word = words[row + output] ?? 0;
      const bits = (((halves[row + output] ?? 0) << 16) - word) | 0;
      excess[output] = (excess[output] ?? 0) + bits * (LAST_BIT[word >>> 23] ?? 0);
    }
  }
  return excess;
}
