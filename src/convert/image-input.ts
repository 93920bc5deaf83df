// From uint8 pixels to what the model was trained on: the first nodes of every served graph.
import { GRAPH_INPUT, GRAPH_SCALED } from '../contracts/graph-names.js';
import type { PictureSize } from '../contracts/conversion.js';
import { SCALE_PRESETS, type Scale } from '../contracts/preprocessing.js';
import { AppError } from '../errors/app-error.js';
import type { GraphBuilder } from './graph/builder.js';
import type { Node } from './graph/node.js';
import { affine } from './graph/ops/arithmetic.js';
import { cast, ensureShape, moveAxis, reshape, reverseChannels } from './graph/ops/shaping.js';
import { floats, sameShape } from './graph/tensor.js';

export interface ScaledInput {
  /** The Placeholder. */
  readonly pixels: Node;
  /** What the model's own input gets. */
  readonly scaled: Node;
}

/** The picture that a model with this input shape (batch first) wants; flat and channel-less inputs are pictures too. */
export function pictureFor(
  shape: readonly (number | null)[],
  wanted: Partial<PictureSize>,
  channelsFirst = false,
): PictureSize {
  const [, ...sizes] = shape;
  const refuse = (why: string): never => {
    throw new AppError(
      'not_a_classifier',
      `the input has the shape [${shape.map((size) => size ?? 'any').join(', ')}]: ${why}`,
    );
  };
  if (sizes.length === 1) {
    const pixels = sizes[0] ?? 0;
    const channels = ([1, 3] as const).find((count) => Number.isInteger(Math.sqrt(pixels / count)));
    if (pixels < 1 || channels === undefined) return refuse('a flat input must hold a square picture');
    const side = Math.sqrt(pixels / channels);
    return { height: side, width: side, channels };
  }
  if (sizes.length !== 2 && sizes.length !== 3) return refuse('a picture has a height, a width and channels');
  const ordered = channelsFirst && sizes.length === 3 ? [sizes[1], sizes[2], sizes[0]] : sizes;
  const [height = null, width = null, channels = null] = ordered;
  const size = {
    height: height ?? wanted.height ?? 0,
    width: width ?? wanted.width ?? 0,
    channels: sizes.length === 2 ? 1 : (channels ?? wanted.channels ?? 3),
  };
  if (size.height < 1 || size.width < 1) {
    throw new AppError('not_a_classifier', 'the model takes pictures of any size', {
      remedy: 'Say which size to serve in the manifest: "input": { "size": [height, width] }.',
    });
  }
  const known = ([1, 3, 4] as const).find((count) => count === size.channels);
  return known === undefined
    ? refuse(`${size.channels} channels are neither grey nor RGB nor RGBA`)
    : { ...size, channels: known };
}

/** The model's own input: its sizes without the batch, and where its channels stand. */
export interface ModelLayout {
  readonly shape: readonly number[];
  readonly channelsFirst: boolean;
}

/** The sizes that a model of this shape (batch first) is given for a picture. */
export function layoutFor(
  modelShape: readonly (number | null)[],
  { height, width, channels }: PictureSize,
  channelsFirst: boolean,
): ModelLayout {
  const ordered = channelsFirst ? [channels, height, width] : [height, width, channels];
  return { shape: modelShape.length === 4 ? ordered : modelShape.slice(1).map(Number), channelsFirst };
}

export function imageInput(
  g: GraphBuilder,
  picture: PictureSize,
  scale: Scale,
  layout: ModelLayout,
): ScaledInput {
  const { height, width, channels } = picture;
  const pixels = g.add('Placeholder', {
    name: GRAPH_INPUT,
    shape: [null, height, width, channels],
    dtype: 'uint8',
  });
  const { mean, std, reverse } = resolveScale(scale, channels);
  const asFloat = cast(g, pixels, 'float32', true);
  const ordered = reverse ? reverseChannels(g, asFloat) : asFloat;
  const scaled = affine(
    g,
    ordered,
    floats(
      [channels],
      Float32Array.from(std, (deviation) => 1 / deviation),
    ),
    floats(
      [channels],
      Float32Array.from(mean, (value, at) => -value / (std[at] ?? 1)),
    ),
    true,
  );
  // A node of its own, which no pass folds into what follows: tensors of numbers enter the graph here.
  const entry = g.add('Identity', { name: GRAPH_SCALED, inputs: [scaled], shape: scaled.shape, exact: true });
  return { pixels, scaled: laidOut(g, ensureShape(g, entry), layout) };
}

function laidOut(g: GraphBuilder, scaled: Node, { shape, channelsFirst }: ModelLayout): Node {
  if (channelsFirst && shape.length === 3) return moveAxis(g, scaled, 3, 1);
  return sameShape(shape, scaled.shape.slice(1)) ? scaled : reshape(g, scaled, shape);
}

function resolveScale(
  scale: Scale,
  channels: number,
): { mean: readonly number[]; std: readonly number[]; reverse: boolean } {
  const preset = typeof scale === 'string' ? SCALE_PRESETS[scale] : undefined;
  const { mean, std } = typeof scale === 'string' ? SCALE_PRESETS[scale] : scale;
  const perChannel = (values: number | readonly number[], what: string): readonly number[] => {
    const list = typeof values === 'number' ? [values] : values;
    if (list.length === 1) return Array.from({ length: channels }, () => list[0] ?? 0);
    if (list.length === channels) return list;
    throw new AppError(
      'manifest_invalid',
      `input.scale: ${what} has ${list.length} values, the model has ${channels} channels`,
    );
  };
  return {
    mean: perChannel(mean, 'mean'),
    std: perChannel(std, 'std'),
    reverse: preset?.reverseChannels ?? false,
  };
}
