// The plainest of TIFFs: one strip of bytes, uncompressed, which need not be there.

const SHORT = 3;
const LONG = 4;
const ORIENTATION = 274;
const EXTRA_SAMPLES = 338;
const SHORTS = [ORIENTATION, EXTRA_SAMPLES];

export function tiff(of: {
  width: number;
  height: number;
  samples: number;
  photometric: number;
  bits?: 8 | 16;
  orientation?: number;
  /** What the last band is for. */
  extra?: number;
  data: Buffer;
}): Buffer {
  const bits = of.bits ?? 8;
  const tags = (dataStart: number): readonly (readonly [tag: number, value: number])[] => [
    [256, of.width],
    [257, of.height],
    [258, bits],
    [259, 1],
    [262, of.photometric],
    [273, dataStart],
    [ORIENTATION, of.orientation ?? 1],
    [277, of.samples],
    [278, of.height],
    [279, (of.width * of.height * (of.samples * bits)) / 8],
    ...(of.extra === undefined ? [] : [[EXTRA_SAMPLES, of.extra] as const]),
  ];
  const directory = Buffer.alloc(8 + 2 + tags(0).length * 12 + 4);
  directory.write('II*\0', 'latin1');
  directory.writeUInt32LE(8, 4);
  directory.writeUInt16LE(tags(0).length, 8);
  for (const [at, [tag, value]] of tags(directory.length).entries()) {
    directory.writeUInt16LE(tag, 10 + at * 12);
    directory.writeUInt16LE(SHORTS.includes(tag) ? SHORT : LONG, 12 + at * 12);
    directory.writeUInt32LE(1, 14 + at * 12);
    directory.writeUInt32LE(value % 2 ** 32, 18 + at * 12);
  }
  return Buffer.concat([directory, of.data]);
}
