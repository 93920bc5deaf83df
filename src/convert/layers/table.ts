// Every layer that can be converted. docs/keras-support.md is generated from this table.
import { AppError } from '../../errors/app-error.js';
import {
  activation,
  eluLayer,
  leakyReluLayer,
  prelu,
  relu,
  softmaxLayer,
  thresholdedRelu,
} from './activation-layers.js';
import { bidirectional } from './bidirectional.js';
import { attention, multiHeadAttention } from './attention.js';
import { convolutions } from './convolution.js';
import { dense, einsumDense } from './dense.js';
import type { LayerSpec } from './layer.js';
import {
  groupNormalization,
  layerNormalization,
  layerScale,
  rmsNormalization,
  unitNormalization,
} from './live-normalization.js';
import { locallyConnected } from './locally-connected.js';
import { merges } from './merging.js';
import { batchNormalization, normalization, rescaling } from './normalization.js';
import { recurrent } from './recurrent.js';
import { ofOtherPackages } from './other-packages.js';
import { operations } from './operations/table.js';
import { poolings } from './pooling.js';
import { centerCrop, randomCrop, resizing, upSampling1d, upSampling2d } from './resizing.js';
import {
  cropping1d,
  cropping2d,
  flatten,
  permute,
  repeatVector,
  reshapeLayer,
  zeroPadding1d,
  zeroPadding2d,
} from './shaping.js';
import { trainingOnly } from './training-only.js';
import { spectralNormalization, timeDistributed } from './wrappers.js';

export const layerTable: readonly LayerSpec[] = [
  ...convolutions,
  ...locallyConnected,
  dense,
  einsumDense,
  ...poolings,
  batchNormalization,
  layerNormalization,
  groupNormalization,
  rmsNormalization,
  unitNormalization,
  normalization,
  rescaling,
  layerScale,
  activation,
  relu,
  leakyReluLayer,
  prelu,
  eluLayer,
  softmaxLayer,
  thresholdedRelu,
  flatten,
  reshapeLayer,
  permute,
  repeatVector,
  zeroPadding1d,
  zeroPadding2d,
  cropping1d,
  cropping2d,
  upSampling1d,
  upSampling2d,
  resizing,
  centerCrop,
  randomCrop,
  ...merges,
  ...ofOtherPackages,
  multiHeadAttention,
  attention,
  ...recurrent,
  bidirectional,
  timeDistributed,
  spectralNormalization,
  ...trainingOnly,
  ...operations,
];

const byName = new Map(layerTable.flatMap((spec) => spec.names.map((name) => [name, spec] as const)));

export function layerSpec(className: string, where: string): LayerSpec {
  const spec = byName.get(className);
  if (spec !== undefined) return spec;
  if (className === 'Lambda') {
    throw new AppError('layer_unsupported', `${where} holds Python bytecode, which is never run here`, {
      remedy:
        'Rebuild the model with layers (such as Rescaling or Cropping2D) in place of the Lambda, copy the weights over and save it again.',
    });
  }
  if (className.includes('>')) {
    throw new AppError('layer_unsupported', `${where}: ${className} is a custom class`, {
      remedy:
        'Its computation is Python code, which is not in the file: rebuild the model with layers of Keras and save it again.',
    });
  }
  throw new AppError('layer_unsupported', `${where}: ${className} is not converted`, {
    remedy:
      'See docs/keras-support.md for the layers that are. A class of your own has to be rebuilt from these: its code is not in the file.',
  });
}
