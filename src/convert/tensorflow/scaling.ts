// Whether a graph scales pixels itself, as Rescaling, Normalization and `x / 127.5 - 1` do: it wants them as they are.
import { readTensor } from './attributes.js';
import type { Endpoint } from './graph-model.js';
import type { Reached } from './reach.js';
import { Readers, type Reader } from './readers.js';

/** What may stand before the scaling. */
const BEFORE = new Set(
  'Identity Cast Transpose ReverseV2 ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor'.split(
    ' ',
  ),
);

export function scalesPixels({ nodes, functions }: Reached, { node }: Endpoint): boolean {
  const first = new Readers(functions, BEFORE).inBody(nodes)(node);
  return first.length > 0 && first.every(isScaling);
}

/** By one number for all, or minus a mean for each channel; a factor for each channel may be batch normalisation. */
function isScaling({ node, at, input }: Reader): boolean {
  const constant = input(1 - at);
  if (constant?.op !== 'Const') return false;
  const scalar = readTensor(constant.attributes['value'], constant.name)?.shape.length === 0;
  return scalar ? ONE_NUMBER.has(node.op) : at === 0 && node.op === 'Sub';
}

const ONE_NUMBER = new Set(['Mul', 'RealDiv', 'Div', 'Sub', 'Add', 'AddV2']);
