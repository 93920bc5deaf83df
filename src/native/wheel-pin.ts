// The one build of TensorFlow that is set up, by platform. A new version means: new row, new cache key.

export interface WheelPin {
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The tags pip is asked for: they must name this file whatever Python runs pip. */
  readonly python: string;
  readonly platform: string;
}

const pins: Readonly<Partial<Record<string, WheelPin>>> = {
  'linux-x64': {
    version: '2.21.0',
    file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: 273_829_956,
    python: '3.11',
    platform: 'manylinux_2_27_x86_64',
  },
};

export const platformName = `${process.platform}-${process.arch}`;

/** Undefined where no wheel fits: tfjs-node's own installer is then the only way. */
export const wheelPin = (platform = platformName): WheelPin | undefined => pins[platform];
