// Every layer that can be converted. docs/keras-support.md is generated from this table.
import { AppError } from '../../errors/app-error.js';
import { activation, relu, softmax } from './activation-layers.js';
import { conv2dLayer } from './convolution.js';
import { dense } from './dense.js';
import type { LayerSpec } from './layer.js';
import { add } from './merging.js';
import { batchNormalization, rescaling } from './normalization.js';
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.js';
import { flatten, zeroPadding2d } from './shaping.js';
import { trainingOnly } from './training-only.js';

export const layerTable: readonly LayerSpec[] = [
  conv2dLayer,
  dense,
  maxPooling2d,
  averagePooling2d,
  globalAveragePooling2d,
  globalMaxPooling2d,
  batchNormalization,
  rescaling,
  activation,
  relu,
  softmax,
  flatten,
  zeroPadding2d,
  add,
  ...trainingOnly,
];

const byName = new Map(layerTable.flatMap((spec) => spec.names.map((name) => [name, spec] as const)));

export function layerSpec(className: string, where: string): LayerSpec {
  const spec = byName.get(className);
  if (spec === undefined) throw new AppError('layer_unsupported', `${where}: ${className} layers are not converted`);
  return spec;
}
