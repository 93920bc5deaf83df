// The first nodes of a graph by others: its input may have its channels first, want whole numbers, or be open in size.
import { GRAPH_INPUT } from '../contracts/graph-names.js';
import type { Scale } from '../contracts/preprocessing.js';
import type { PictureHead, RawHead } from '../contracts/conversion.js';
import type { GraphBuilder } from './graph/builder.js';
import type { Node, Shape } from './graph/node.js';
import { ensureShape } from './graph/ops/shaping.js';
import { imageInput, layoutFor, pictureFor } from './image-input.js';
import { isFloat } from './tensorflow/data-types.js';
import type { Endpoint, GraphModel } from './tensorflow/graph-model.js';
import type { Reached } from './tensorflow/reach.js';
import { scalesPixels } from './tensorflow/scaling.js';

export interface GraphInput {
  readonly placeholder: Node;
  /** What the graph's own input gets. */
  readonly model: Node;
  /** As the graph has it, its open sizes settled. */
  readonly modelShape: Shape;
  readonly channelsFirst: boolean;
}

/** A picture in RGB, of any size. */
const ANY_PICTURE: Shape = [null, null, null, null];

export function graphInput(
  g: GraphBuilder,
  { input }: GraphModel,
  served: Reached,
  head: PictureHead | RawHead,
  notices: string[],
): GraphInput {
  const shape = input.shape ?? ANY_PICTURE;
  const channelsFirst = hasChannelsFirst(shape);
  if (head.kind === 'raw') {
    const settled = [null, ...shape.slice(1).map((size, axis) => size ?? head.size[axis] ?? 1)];
    const placeholder = g.add('Placeholder', { name: GRAPH_INPUT, shape: settled });
    return { placeholder, model: ensureShape(g, placeholder), modelShape: settled, channelsFirst };
  }
  const picture = pictureFor(shape, head.size, channelsFirst);
  const scale = settleScale(head.scale, input, served, notices);
  const { pixels, scaled } = imageInput(g, picture, scale, layoutFor(shape, picture, channelsFirst));
  return { placeholder: pixels, model: scaled, modelShape: scaled.shape, channelsFirst };
}

const CHANNELS = new Set<number | null>([1, 3, 4]);

/** [batch, 3, 224, 224] */
function hasChannelsFirst(shape: Shape): boolean {
  const [, first = null, , last = null] = shape;
  return shape.length === 4 && first !== null && CHANNELS.has(first) && !CHANNELS.has(last);
}

function settleScale(scale: Scale | 'auto', input: Endpoint, served: Reached, notices: string[]): Scale {
  if (scale !== 'auto') return scale;
  // Who wants whole numbers scales them, as no other scale leaves them whole.
  if (!isFloat(input.dtype) || scalesPixels(served, input)) return 'raw';
  notices.push(
    'Nothing says how pixels are scaled; 0..1 is assumed. Set "input": { "scale": ... } in the manifest.',
  );
  return '0..1';
}
