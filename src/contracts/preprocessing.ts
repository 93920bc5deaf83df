// How pixel values 0..255 become what a model was trained on: presets by name, or a mean and a deviation.

export type ScalePreset = '0..1' | '-1..1' | 'caffe' | 'torch' | 'raw';

export interface MeanStd {
  /** In pixel values, one per channel or one for all: (pixel - mean) / std. */
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

export type Scale = ScalePreset | MeanStd;

interface Preset {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Blue first, as OpenCV and Caffe have it. */
  readonly reverseChannels: boolean;
  readonly meaning: string;
}

/** The `mode` values of keras.applications.imagenet_utils.preprocess_input, and two plain ones. */
export const SCALE_PRESETS: Readonly<Record<ScalePreset, Preset>> = {
  '0..1': { mean: [0], std: [255], reverseChannels: false, meaning: 'pixel / 255' },
  '-1..1': {
    mean: [127.5],
    std: [127.5],
    reverseChannels: false,
    meaning: 'pixel / 127.5 - 1 (Keras "tf": MobileNet, Inception, Xception, ResNetV2)',
  },
  caffe: {
    mean: [103.939, 116.779, 123.68],
    std: [1],
    reverseChannels: true,
    meaning: 'BGR minus the ImageNet mean (Keras "caffe": ResNet50, VGG)',
  },
  torch: {
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
    reverseChannels: false,
    meaning: 'ImageNet mean and deviation of pixel / 255 (Keras "torch": DenseNet)',
  },
  raw: {
    mean: [0],
    std: [1],
    reverseChannels: false,
    meaning: 'pixels 0..255 as they are (EfficientNet, ConvNeXt: the model scales)',
  },
};

export const scalePresets = Object.keys(SCALE_PRESETS) as readonly ScalePreset[];
