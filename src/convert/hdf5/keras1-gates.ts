// Keras 1 kept a kernel, a recurrent kernel and a bias for each gate of a recurrent layer; since Keras 2 the gates stand
// beside each other (preprocess_weights_for_loading in Keras 2's topology.py).
import { sizeOf } from '../graph/tensor.js';
import type { NamedDataset, Wanted } from './match-weights.js';

/** Where each gate of Keras 2 stood: Keras 1 had the candidate of an LSTM before what is kept. */
const ORDERS: Readonly<Record<string, readonly number[]>> = { LSTM: [0, 2, 1, 3], GRU: [0, 1, 2] };

export interface GateParts {
  readonly wanted: Wanted;
  readonly parts: readonly NamedDataset[];
  readonly shape: readonly number[];
}

/** Undefined where these are not the weights of one such layer. */
export function gatesApart(
  wanted: readonly Wanted[],
  found: readonly NamedDataset[],
): readonly GateParts[] | undefined {
  const className = wanted[0]?.layer?.className ?? '';
  const order = Object.hasOwn(ORDERS, className) ? ORDERS[className] : undefined;
  if (order === undefined || found.length !== order.length * wanted.length) return undefined;
  return wanted.map((one, at): GateParts => {
    const parts = order.flatMap((gate) =>
      found.slice(gate * wanted.length + at, gate * wanted.length + at + 1),
    );
    const rows = parts[0]?.shape.slice(0, -1) ?? [];
    const columns = parts.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
    return { wanted: one, parts, shape: [...rows, columns] };
  });
}

/** The columns of all parts beside each other. */
export function besideEachOther(parts: readonly Float32Array[], shape: readonly number[]): Float32Array {
  const rows = sizeOf(shape.slice(0, -1));
  const joined = new Float32Array(sizeOf(shape));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const width = part.length / rows;
      joined.set(part.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  }
  return joined;
}
