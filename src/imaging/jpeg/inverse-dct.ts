// The inverse cosine transform in the integers of libjpeg's "islow" (jidctint.c), so that pixels agree with it exactly.

const F_0_298 = 2446;
const F_0_390 = 3196;
const F_0_541 = 4433;
const F_0_765 = 6270;
const F_0_899 = 7373;
const F_1_175 = 9633;
const F_1_501 = 12299;
const F_1_847 = 15137;
const F_1_961 = 16069;
const F_2_053 = 16819;
const F_2_562 = 20995;
const F_3_072 = 25172;

const CONSTANT_BITS = 13;
const FIRST_PASS_BITS = 2;
const FIRST_SHIFT = CONSTANT_BITS - FIRST_PASS_BITS;
const SECOND_SHIFT = CONSTANT_BITS + FIRST_PASS_BITS + 3;
const FIRST_HALF = 1 << (FIRST_SHIFT - 1);
const SECOND_HALF = 1 << (SECOND_SHIFT - 1);

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

/**
 * A block of dequantised coefficients, rows of eight, changed in place; its samples go to `out` at `at`. The butterfly is
 * written out for each pass: a function for it would have to return eight numbers.
 */
export function inverseDct(block: Int32Array, out: Uint8Array, at: number, stride: number): void {
  for (let column = 0; column < 8; column += 1) {
    const zero = block[column] ?? 0;
    const one = block[column + 8] ?? 0;
    const two = block[column + 16] ?? 0;
    const three = block[column + 24] ?? 0;
    const four = block[column + 32] ?? 0;
    const five = block[column + 40] ?? 0;
    const six = block[column + 48] ?? 0;
    const seven = block[column + 56] ?? 0;
    if ((one | two | three | four | five | six | seven) === 0) {
      const flat = zero << FIRST_PASS_BITS;
      for (let row = column; row < 64; row += 8) block[row] = flat;
      continue;
    }
    const even = Math.imul(two + six, F_0_541);
    const t2 = even - Math.imul(six, F_1_847);
    const t3 = even + Math.imul(two, F_0_765);
    const t0 = (zero + four) << CONSTANT_BITS;
    const t1 = (zero - four) << CONSTANT_BITS;
    const e0 = t0 + t3 + FIRST_HALF;
    const e3 = t0 - t3 + FIRST_HALF;
    const e1 = t1 + t2 + FIRST_HALF;
    const e2 = t1 - t2 + FIRST_HALF;
    const z5 = Math.imul(seven + three + five + one, F_1_175);
    const z1 = -Math.imul(seven + one, F_0_899);
    const z2 = -Math.imul(five + three, F_2_562);
    const z3 = z5 - Math.imul(seven + three, F_1_961);
    const z4 = z5 - Math.imul(five + one, F_0_390);
    const o0 = Math.imul(seven, F_0_298) + z1 + z3;
    const o1 = Math.imul(five, F_2_053) + z2 + z4;
    const o2 = Math.imul(three, F_3_072) + z2 + z3;
    const o3 = Math.imul(one, F_1_501) + z1 + z4;
    block[column] = (e0 + o3) >> FIRST_SHIFT;
    block[column + 56] = (e0 - o3) >> FIRST_SHIFT;
    block[column + 8] = (e1 + o2) >> FIRST_SHIFT;
    block[column + 48] = (e1 - o2) >> FIRST_SHIFT;
    block[column + 16] = (e2 + o1) >> FIRST_SHIFT;
    block[column + 40] = (e2 - o1) >> FIRST_SHIFT;
    block[column + 24] = (e3 + o0) >> FIRST_SHIFT;
    block[column + 32] = (e3 - o0) >> FIRST_SHIFT;
  }
  for (let row = 0; row < 64; row += 8, at += stride) {
    const zero = block[row] ?? 0;
    const one = block[row + 1] ?? 0;
    const two = block[row + 2] ?? 0;
    const three = block[row + 3] ?? 0;
    const four = block[row + 4] ?? 0;
    const five = block[row + 5] ?? 0;
    const six = block[row + 6] ?? 0;
    const seven = block[row + 7] ?? 0;
    const even = Math.imul(two + six, F_0_541);
    const t2 = even - Math.imul(six, F_1_847);
    const t3 = even + Math.imul(two, F_0_765);
    const t0 = (zero + four) << CONSTANT_BITS;
    const t1 = (zero - four) << CONSTANT_BITS;
    const e0 = t0 + t3 + SECOND_HALF;
    const e3 = t0 - t3 + SECOND_HALF;
    const e1 = t1 + t2 + SECOND_HALF;
    const e2 = t1 - t2 + SECOND_HALF;
    const z5 = Math.imul(seven + three + five + one, F_1_175);
    const z1 = -Math.imul(seven + one, F_0_899);
    const z2 = -Math.imul(five + three, F_2_562);
    const z3 = z5 - Math.imul(seven + three, F_1_961);
    const z4 = z5 - Math.imul(five + one, F_0_390);
    const o0 = Math.imul(seven, F_0_298) + z1 + z3;
    const o1 = Math.imul(five, F_2_053) + z2 + z4;
    const o2 = Math.imul(three, F_3_072) + z2 + z3;
    const o3 = Math.imul(one, F_1_501) + z1 + z4;
    out[at] = clamp(((e0 + o3) >> SECOND_SHIFT) + 128);
    out[at + 7] = clamp(((e0 - o3) >> SECOND_SHIFT) + 128);
    out[at + 1] = clamp(((e1 + o2) >> SECOND_SHIFT) + 128);
    out[at + 6] = clamp(((e1 - o2) >> SECOND_SHIFT) + 128);
    out[at + 2] = clamp(((e2 + o1) >> SECOND_SHIFT) + 128);
    out[at + 5] = clamp(((e2 - o1) >> SECOND_SHIFT) + 128);
    out[at + 3] = clamp(((e3 + o0) >> SECOND_SHIFT) + 128);
    out[at + 4] = clamp(((e3 - o0) >> SECOND_SHIFT) + 128);
  }
}
