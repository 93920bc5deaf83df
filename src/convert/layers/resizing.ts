// Layers that change the size of a picture.
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { resize, type Interpolation } from '../graph/ops/resize.js';
import { padPicture, reshape, slice, tile } from '../graph/ops/shaping.js';
import { pictureSize, type Pair } from '../graph/ops/window.js';
import { channelsLast, DATA_FORMAT } from './channels.js';
import { sizes, type LayerCall, type LayerSpec } from './layer.js';

export const INTERPOLATIONS = [
  'nearest',
  'bilinear',
  'bicubic',
  'lanczos3',
  'lanczos5',
] as const satisfies readonly Interpolation[];

export const upSampling2d: LayerSpec = {
  names: ['UpSampling2D'],
  options: { size: '', interpolation: INTERPOLATIONS.join(', '), data_format: DATA_FORMAT },
  build({ g, config, input }) {
    const [y, x] = config.pair('size', [2, 2]);
    const interpolation = config.choice('interpolation', INTERPOLATIONS, 'nearest');
    return channelsLast(g, config, input(), (node) => {
      const [height, width] = pictureSize(node);
      return resize(g, node, [height * y, width * x], { interpolation, antialias: false });
    });
  },
};

export const upSampling1d: LayerSpec = {
  names: ['UpSampling1D'],
  options: { size: '' },
  build({ g, config, input }) {
    const node = input();
    const [steps = 1, features = 1] = sizes(node);
    const times = config.integer('size', 2);
    return reshape(g, tile(g, reshape(g, node, [steps, 1, features]), [1, 1, times, 1]), [
      steps * times,
      features,
    ]);
  },
};

export interface FitOptions {
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
  readonly crop: boolean;
  readonly pad: boolean;
  readonly fill: number;
}

/** keras.src.backend.tensorflow.image.resize: cropped or padded to the wanted aspect ratio first. */
export function resizeToFit(g: GraphBuilder, node: Node, size: Pair, options: FitOptions): Node {
  const [height, width] = pictureSize(node);
  const [targetHeight, targetWidth] = size;
  let fitted = node;
  if (options.crop) {
    const cropHeight = Math.min(height, Math.trunc((width * targetHeight) / targetWidth));
    const cropWidth = Math.min(width, Math.trunc((height * targetWidth) / targetHeight));
    const [top, left] = [Math.trunc((height - cropHeight) / 2), Math.trunc((width - cropWidth) / 2)];
    fitted = slice(g, node, [
      {},
      { start: top, stop: top + cropHeight },
      { start: left, stop: left + cropWidth },
    ]);
  } else if (options.pad) {
    const padHeight = Math.max(height, Math.trunc((width * targetHeight) / targetWidth));
    const padWidth = Math.max(width, Math.trunc((height * targetWidth) / targetHeight));
    const [top, left] = [Math.trunc((padHeight - height) / 2), Math.trunc((padWidth - width) / 2)];
    fitted = padPicture(g, node, [top, top], [left, left], options.fill);
  }
  return resize(g, fitted, size, options);
}

export const resizing: LayerSpec = {
  names: ['Resizing'],
  options: {
    height: '',
    width: '',
    interpolation: INTERPOLATIONS.join(', '),
    antialias: '',
    crop_to_aspect_ratio: '',
    pad_to_aspect_ratio: '',
    fill_mode: 'constant',
    fill_value: '',
    data_format: DATA_FORMAT,
  },
  build({ g, config, input }) {
    const size: Pair = [config.integer('height'), config.integer('width')];
    const options = {
      interpolation: config.choice('interpolation', INTERPOLATIONS, 'bilinear'),
      antialias: config.boolean('antialias', false),
      crop: config.boolean('crop_to_aspect_ratio', false),
      pad: config.boolean('pad_to_aspect_ratio', false),
      fill: config.number('fill_value', 0),
    };
    config.choice('fill_mode', ['constant'], 'constant');
    return channelsLast(g, config, input(), (node) => resizeToFit(g, node, size, options));
  },
};

/** The middle of the picture; where it is too small, as much of it as has the wanted shape, resized. */
function cropCentre({ g, config, input }: LayerCall): Node {
  const size: Pair = [config.integer('height'), config.integer('width')];
  return channelsLast(g, config, input(), (node) => {
    const [height, width] = pictureSize(node);
    const [top, left] = [height - size[0], width - size[1]].map((gap) => Math.trunc(gap / 2));
    if (top === undefined || left === undefined || height < size[0] || width < size[1]) {
      return resizeToFit(g, node, size, {
        interpolation: 'bilinear',
        antialias: false,
        crop: true,
        pad: false,
        fill: 0,
      });
    }
    return slice(g, node, [{}, { start: top, stop: top + size[0] }, { start: left, stop: left + size[1] }]);
  });
}

export const centerCrop: LayerSpec = {
  names: ['CenterCrop'],
  options: { height: '', width: '', data_format: DATA_FORMAT },
  build: cropCentre,
};

export const randomCrop: LayerSpec = {
  names: ['RandomCrop'],
  options: { height: 'Keras 2 only', width: 'Keras 2 only' },
  // Keras 2 cropped the middle when serving, Keras 3 does nothing.
  build: (call) => (call.kerasMajor < 3 ? cropCentre(call) : call.input()),
};
