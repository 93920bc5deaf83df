// Pictures that differ as photographs do: colours, contrast and the sizes of what is in them are drawn anew for each.
// Uniform noise would not do: to a network one field of noise looks like the next.
import { NumpyRandom } from '../../src/convert/fidelity/numpy-random.js';
import type { ReferenceModel } from '../../test/helpers/reference-model.js';

/** Fields of values are laid over each other, from a few large patches to many small ones. */
const PATCHES = [
  [2, 4],
  [5, 12],
  [16, 48],
] as const;

/** Pictures of so many kinds are drawn: each is one kind's picture, mixed with one that was never seen. */
export const KINDS = 12;
/** The part that is foreign. With more than half, float32 too could only guess the kind. */
const FOREIGN = 0.5;
const FIRST_KIND = 1_000_000;

export interface Pictures {
  /** The picture of every kind, one after another, in the range of values that the model takes. */
  readonly kinds: Float32Array;
  draw(firstSeed: number, count: number): Float32Array;
}

export function picturesFor(model: ReferenceModel): Pictures {
  const kinds = Array.from({ length: KINDS }, (_, kind) => paint(model, FIRST_KIND + kind));

  const drawOne = (seed: number): Float32Array => {
    const random = new NumpyRandom(seed);
    const own = kinds[Math.floor(random.rand() * KINDS)];
    const foreign = paint(model, 2 * FIRST_KIND + seed);
    const part = FOREIGN * random.rand();
    return foreign.map((value, at) => (own?.[at] ?? 0) * (1 - part) + value * part);
  };

  return {
    kinds: joined(model, kinds),
    draw: (firstSeed, count) =>
      joined(
        model,
        Array.from({ length: count }, (_, at) => drawOne(firstSeed + at)),
      ),
  };
}

function joined(model: ReferenceModel, pictures: readonly Float32Array[]): Float32Array {
  const size = pictures[0]?.length ?? 0;
  const all = new Float32Array(size * pictures.length);
  pictures.forEach((one, at) =>
    all.set(
      one.map((value) => Math.min(1, Math.max(0, value)) * model.input_scale + (model.input_shift ?? 0)),
      at * size,
    ),
  );
  return all;
}

interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

function paint({ input_shape: [height = 1, width = 1, channels = 1] }: ReferenceModel, seed: number) {
  const random = new NumpyRandom(seed);
  const picture = new Float32Array(height * width * channels);
  const size: Size = { height, width, channels };
  const contrast = 0.1 + 0.9 * random.rand();
  const colour = Array.from({ length: size.channels }, () => random.rand());
  for (let at = 0; at < picture.length; at++) picture[at] = colour[at % size.channels] ?? 0;
  for (const [least, most] of PATCHES) {
    const patches = Math.floor(least + (most - least + 1) * random.rand());
    const tint = Array.from({ length: size.channels }, () => contrast * (2 * random.rand() - 1));
    addField(picture, size, tint, patches, random);
  }
  return picture;
}

/** Random values at `patches` x `patches` corners, and straight lines between them. */
function addField(
  picture: Float32Array,
  { height, width, channels }: Size,
  tint: readonly number[],
  patches: number,
  random: NumpyRandom,
): void {
  const side = patches + 1;
  const corners = Float32Array.from({ length: side * side }, () => 2 * random.rand() - 1);
  const corner = (row: number, column: number): number => corners[row * side + column] ?? 0;
  for (let y = 0; y < height; y++) {
    const v = (y / height) * patches;
    const row = Math.floor(v);
    for (let x = 0; x < width; x++) {
      const u = (x / width) * patches;
      const column = Math.floor(u);
      const above = corner(row, column) * (column + 1 - u) + corner(row, column + 1) * (u - column);
      const below = corner(row + 1, column) * (column + 1 - u) + corner(row + 1, column + 1) * (u - column);
      const value = above * (row + 1 - v) + below * (v - row);
      const at = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) picture[at + c] = (picture[at + c] ?? 0) + value * (tint[c] ?? 0);
    }
  }
}
