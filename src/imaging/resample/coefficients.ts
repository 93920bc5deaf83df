// Which input pixels make an output pixel, and with what weight: Pillow's rule (src/libImaging/Resample.c), to the bit.
import type { ResizeKernel } from '../../contracts/model.js';

interface Filter {
  /** How far it reaches to either side, in output pixels when shrinking, in input pixels when enlarging. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const FILTERS = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight: (signed) => {
      const x = Math.abs(signed);
      const a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<Exclude<ResizeKernel, 'nearest'>, Filter>;

export type SmoothKernel = keyof typeof FILTERS;

export const PRECISION_BITS = 22;

export interface Coefficients {
  /** How many output pixels, how many taps, then the three tables below: one piece of memory. */
  readonly packed: Int32Array;
  /** Weights of one output pixel take this many places in `weights`. */
  readonly taps: number;
  /** First input pixel of each output pixel. */
  readonly first: Int32Array;
  /** How many input pixels each output pixel is made of. */
  readonly count: Int32Array;
  /** Fixed point with PRECISION_BITS behind the point. */
  readonly weights: Int32Array;
}

export interface Axis {
  readonly kernel: SmoothKernel;
  /** Pixels there are. */
  readonly length: number;
  /** The part that is wanted. */
  readonly start: number;
  readonly extent: number;
  /** Pixels to make of it. */
  readonly output: number;
}

export function makeCoefficients({ kernel, length, start, extent, output }: Axis): Coefficients {
  const { support: reach, weight } = FILTERS[kernel];
  const scale = extent / output;
  const widening = Math.max(1, scale);
  const support = reach * widening;
  const taps = Math.ceil(support) * 2 + 1;
  const packed = new Int32Array(2 + output * (2 + taps));
  packed.set([output, taps]);
  const first = packed.subarray(2, 2 + output);
  const count = packed.subarray(2 + output, 2 + 2 * output);
  const weights = packed.subarray(2 + 2 * output);
  const exact = new Float64Array(taps);
  for (let at = 0; at < output; at += 1) {
    const center = start + (at + 0.5) * scale;
    const from = Math.max(0, Math.trunc(center - support + 0.5));
    const to = Math.min(length, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let input = from; input < to; input += 1) {
      const value = weight((input - center + 0.5) / widening);
      exact[input - from] = value;
      sum += value;
    }
    for (let tap = 0; tap < to - from; tap += 1) {
      const value = ((exact[tap] ?? 0) / (sum === 0 ? 1 : sum)) * (1 << PRECISION_BITS);
      weights[at * taps + tap] = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    }
    first[at] = from;
    count[at] = to - from;
  }
  return { packed, taps, first, count, weights };
}

/** Uploads of one source tend to be of one size. Bounded, because sizes come from strangers. */
const REMEMBERED = 64;
/** Longer tables are made anew; remembering a few of those would cost megabytes. */
const MOST_WEIGHTS = 16_384;

export function rememberCoefficients(): (axis: Axis) => Coefficients {
  const known = new Map<string, Coefficients>();
  return function coefficients(axis) {
    const key = `${axis.kernel} ${axis.length} ${axis.start} ${axis.extent} ${axis.output}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = makeCoefficients(axis);
    if (made.weights.length <= MOST_WEIGHTS) {
      const [oldest] = known.keys();
      if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
      known.set(key, made);
    }
    return made;
  };
}
