// Weights rounded to bfloat16 so that those of each output still add up to what they did. What a convolution takes in
// is seldom centred: values behind a ReLU are positive. Rounded one by one, weights err by a little in sum, and every
// such value is multiplied by that: it was more than half of EfficientNetV2B2's error (docs/fidelity.md).
// A bias errs by a constant too. The weights before it take that over, where the biases themselves tell the mean of what
// comes in: it was 40 % of EfficientNetV2S's error.
import { fromBfloat16Bits, roundedHalf, toBfloat16Bits } from './bfloat16.js';

/** From one bfloat16 to the next, in the bits of a float32. */
const STEP = 0x1_0000;
const BELOW_STEP = STEP - 1;
/** Between these a weight of many may be rounded the other way: its error grows by a fifth of a step at most. */
const MIDDLE_FROM = Math.ceil(0.4 * STEP);
const MIDDLE_TO = Math.floor(0.6 * STEP);
/**
 * Up to so many, any weight may be rounded the other way. The few of a depthwise kernel often add up to about zero, so that
 * it tells edges in smooth pictures: there a wrong sum is worse than wrong weights.
 */
const FEW_WEIGHTS = 32;

/** What the last bit of a float32 is worth, by its sign and exponent; nothing where the next bfloat16 is no number. */
const LAST_BIT = Float64Array.from({ length: 512 }, (_, bits) => {
  const exponent = bits & 0xff;
  const worth = exponent >= 254 ? 0 : 2 ** (Math.max(exponent, 1) - 150);
  return bits < 256 ? worth : -worth;
});

/** Biases tell the mean of what comes in when chance alone would seldom, by three standard deviations, fit so well. */
const LEAST_FIT = 9;

interface Rounding {
  /** The bits of the weights. */
  readonly words: Int32Array;
  /** By how much the rounded weights of each output are too large in sum. */
  readonly excess: Float64Array;
}

/**
 * `values` are a kernel whose last axes, of `outputs` together, are what it gives; `bias` is added to that and will be
 * rounded too. What is returned lies where `values` were.
 */
export function roundKeepingSums(values: Float32Array, outputs: number, bias?: Float32Array): Uint16Array {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const { excess, sums } = addUp(words, values, outputs);
  if (bias !== undefined) addExcessOfBias(excess, sums, bias);
  const rounding = { words, excess };
  return values.length > FEW_WEIGHTS * outputs ? roundMany(rounding) : roundFew(rounding, values);
}

/** The weights of each output in sum, and by how much they are too large once they are rounded. */
function addUp(
  words: Int32Array,
  values: Float32Array,
  outputs: number,
): { readonly sums: Float64Array; readonly excess: Float64Array } {
  const [sums, excess] = [new Float64Array(outputs), new Float64Array(outputs)];
  for (let row = 0; row < words.length; row += outputs) {
    for (let output = 0; output < outputs; output++) {
      const at = row + output;
      const word = words[at] ?? 0;
      const bits = ((roundedHalf(word) << 16) - word) | 0;
      sums[output] = (sums[output] ?? 0) + (values[at] ?? 0);
      excess[output] = (excess[output] ?? 0) + bits * (LAST_BIT[word >>> 23] ?? 0);
    }
  }
  return { sums, excess };
}

/**
 * Adds what the rounded bias is too large by, in units of the mean input. Behind a batch norm that mean is known without
 * a picture: it is what a bias takes away, so that biases are about -mean times the sum of the weights.
 */
function addExcessOfBias(excess: Float64Array, sums: Float64Array, bias: Float32Array): void {
  const [biasBySum, sumBySum, biasByBias] = [product(bias, sums), product(sums, sums), product(bias, bias)];
  if (!(biasBySum ** 2 * sums.length > LEAST_FIT * sumBySum * biasByBias)) return;
  const mean = -biasBySum / sumBySum;
  const rounded = fromBfloat16Bits(toBfloat16Bits(bias));
  rounded.forEach((value, output) => {
    excess[output] = (excess[output] ?? 0) + (value - (bias[output] ?? 0)) / mean;
  });
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** One walk over all weights, in their order. A rounded weight takes half of its room: none is written over unread. */
function roundMany({ words, excess }: Rounding): Uint16Array {
  const halves = new Uint16Array(words.buffer, words.byteOffset, words.length);
  for (let row = 0; row < words.length; row += excess.length) {
    for (let output = 0; output < excess.length; output++) {
      const word = words[row + output] ?? 0;
      const half = roundedHalf(word);
      halves[row + output] = half;
      const move = otherWay(word, half) * nearMiddle(word);
      const sum = excess[output] ?? 0;
      const moved = sum + move * STEP * (LAST_BIT[word >>> 23] ?? 0);
      if (Math.abs(moved) >= Math.abs(sum)) continue;
      halves[row + output] = half + move;
      excess[output] = moved;
    }
  }
  return halves;
}

function roundFew(rounding: Rounding, values: Float32Array): Uint16Array {
  const halves = toBfloat16Bits(values);
  for (let output = 0; output < rounding.excess.length; output++) moveAny(rounding, halves, output);
  return halves;
}

/** The one or two moves that bring the sum nearest, for as long as there are any. */
function moveAny({ words, excess }: Rounding, halves: Uint16Array, output: number): void {
  const outputs = excess.length;
  const moves = new Float64Array(words.length / outputs);
  for (let input = 0; input < moves.length; input++) {
    const at = input * outputs + output;
    const word = words[at] ?? 0;
    if ((word & BELOW_STEP) === 0) continue;
    moves[input] = otherWay(word, halves[at] ?? 0) * STEP * (LAST_BIT[word >>> 23] ?? 0);
  }
  let sum = excess[output] ?? 0;
  for (let best = bestMoves(moves, sum); best.length > 0; best = bestMoves(moves, sum)) {
    for (const input of best) {
      const at = input * outputs + output;
      const half = halves[at] ?? 0;
      halves[at] = half + otherWay(words[at] ?? 0, half);
      sum += moves[input] ?? 0;
      moves[input] = -(moves[input] ?? 0);
    }
  }
}

function bestMoves(moves: Float64Array, sum: number): readonly number[] {
  let least = Math.abs(sum);
  let best: readonly number[] = [];
  for (let input = 0; input < moves.length; input++) {
    const first = moves[input] ?? 0;
    if (first === 0) continue;
    if (Math.abs(sum + first) < least) {
      least = Math.abs(sum + first);
      best = [input];
    }
    for (let other = input + 1; other < moves.length; other++) {
      const second = moves[other] ?? 0;
      if (second === 0 || Math.abs(sum + first + second) >= least) continue;
      least = Math.abs(sum + first + second);
      best = [input, other];
    }
  }
  return best;
}

/** A rounded weight is one of its two neighbours; this leads to the other. */
const otherWay = (word: number, half: number): number => 1 - 2 * (half - (word >>> 16));

/** 1 or 0, without a branch: one that nobody can foresee took half of the time of all rounding. */
function nearMiddle(word: number): number {
  const cut = word & BELOW_STEP;
  return 1 ^ (((cut - MIDDLE_FROM) | (MIDDLE_TO - cut)) >>> 31);
}
