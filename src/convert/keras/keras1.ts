// Layers as Keras 1 spelt them, in the spelling of Keras 2 (keras/legacy/interfaces.py in Keras 2.0 has the pairs).
// What Keras 2 wrote passes through unchanged: each rule looks for an option that only Keras 1 had.
import { isObject, type JsonObject } from './config-reader.js';

interface Spelling {
  readonly className?: string;
  readonly config: JsonObject;
}

type Respell = (config: JsonObject) => Spelling;

/** Options with another name and the same meaning, in whichever layer they stand. */
const RENAMED: Readonly<Record<string, string>> = {
  subsample: 'strides',
  border_mode: 'padding',
  bias: 'use_bias',
  init: 'kernel_initializer',
  inner_activation: 'recurrent_activation',
  output_dim: 'units',
  nb_filter: 'filters',
  atrous_rate: 'dilation_rate',
  p: 'rate',
  pool_length: 'pool_size',
  stride: 'strides',
  subsample_length: 'strides',
  filter_length: 'kernel_size',
};

/** The mode of a Merge is a layer of its own since Keras 2. */
const MERGES: Readonly<Record<string, string>> = {
  sum: 'Add',
  mul: 'Multiply',
  ave: 'Average',
  max: 'Maximum',
  concat: 'Concatenate',
};

const renamed =
  (className: string): Respell =>
  (config) => ({ className, config });

const asStored: Respell = (config) => ({ config });

const convolution =
  (className: string): Respell =>
  (config) => ({
    className,
    config:
      config['nb_row'] === undefined
        ? config
        : { ...config, kernel_size: [config['nb_row'], config['nb_col']] },
  });

const noise: Respell = (config) => ({
  config: config['sigma'] === undefined ? config : { ...config, stddev: config['sigma'] },
});

const RULES: Readonly<Record<string, Respell>> = {
  Convolution1D: renamed('Conv1D'),
  AtrousConvolution1D: renamed('Conv1D'),
  Convolution2D: convolution('Conv2D'),
  AtrousConvolution2D: convolution('Conv2D'),
  Deconvolution2D: convolution('Conv2DTranspose'),
  SeparableConvolution2D: convolution('SeparableConv2D'),
  LocallyConnected1D: asStored,
  LocallyConnected2D: convolution('LocallyConnected2D'),
  Dense: asStored,
  SimpleRNN: asStored,
  LSTM: asStored,
  GRU: asStored,
  Dropout: asStored,
  SpatialDropout1D: asStored,
  SpatialDropout2D: asStored,
  GaussianDropout: asStored,
  GaussianNoise: noise,
  MaxPooling1D: asStored,
  MaxPooling2D: asStored,
  AveragePooling1D: asStored,
  AveragePooling2D: asStored,
  Merge: merge,
  ZeroPadding2D: zeroPadding,
  BatchNormalization: batchNormalization,
};

export function asKeras2(layer: JsonObject): JsonObject {
  const { class_name: className, config } = layer;
  if (typeof className !== 'string' || !isObject(config)) return layer;
  const rule = Object.hasOwn(RULES, className) ? RULES[className] : undefined;
  const common = withDataFormat(config);
  if (rule === undefined) return common === config ? layer : { ...layer, config: common };
  const respelt = rule(withNewNames(common));
  return { ...layer, class_name: respelt.className ?? className, config: respelt.config };
}

function withNewNames(config: JsonObject): JsonObject {
  const entries = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    const name = Object.hasOwn(RENAMED, key) ? RENAMED[key] : undefined;
    // Both are there where Keras 2 wrote for Keras 1's readers: the new one counts.
    if (name === undefined || config[name] !== undefined) return [[key, value]];
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** `dim_ordering`: "tf", "th", or whatever the machine was set to ("default"), which was "tf" with TensorFlow. */
function withDataFormat(config: JsonObject): JsonObject {
  const ordering = config['dim_ordering'];
  if (ordering === undefined || config['data_format'] !== undefined) return config;
  return { ...config, data_format: ordering === 'th' ? 'channels_first' : 'channels_last' };
}

function merge(config: JsonObject): Spelling {
  const mode = String(config['mode']);
  // No layer has that name, so that it is refused when its turn comes, as every other unknown layer.
  const className = (Object.hasOwn(MERGES, mode) ? MERGES[mode] : undefined) ?? `Merge with mode ${mode}`;
  return { className, config: { ...config, axis: config['concat_axis'] ?? -1 } };
}

/** (1, 1), and in Keras 1 also (top, bottom, left, right) or the same by name. */
function zeroPadding(config: JsonObject): Spelling {
  const { padding } = config;
  if (Array.isArray(padding) && padding.length === 4) {
    return { config: { ...config, padding: [padding.slice(0, 2), padding.slice(2)] } };
  }
  if (isObject(padding)) {
    const side = (name: string): unknown => padding[`${name}_pad`] ?? 0;
    return {
      config: {
        ...config,
        padding: [
          [side('top'), side('bottom')],
          [side('left'), side('right')],
        ],
      },
    };
  }
  return { config };
}

/** Modes 1 and 2 normalise by the batch itself, while serving too: no layer of today does. */
function batchNormalization(config: JsonObject): Spelling {
  const mode = config['mode'] ?? 0;
  return {
    ...(mode === 0 ? {} : { className: `BatchNormalization with mode ${JSON.stringify(mode)}` }),
    config,
  };
}
