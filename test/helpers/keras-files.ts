// Checkpoints made by tests themselves: HDF5 by h5wasm, zips byte by byte, so that every field can lie.
import { crc32, deflateRawSync } from 'node:zlib';
import h5wasm, { FS, type Group as H5Group } from 'h5wasm';

export type H5 = InstanceType<typeof h5wasm.File>;

let number = 0;

export async function hdf5(write: (file: H5) => void): Promise<Buffer> {
  await h5wasm.ready;
  if (FS === null) throw new Error('h5wasm is not ready');
  const path = `/made-${number++}.h5`;
  const file = new h5wasm.File(path, 'w');
  write(file);
  file.close();
  const bytes = Buffer.from(FS.readFile(path));
  FS.unlink(path);
  return bytes;
}

export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data?: Float32Array;
  readonly dtype?: string;
}

export interface LegacyFile {
  /** The architecture; none in a file of weights only. */
  readonly config?: unknown;
  readonly attributes?: Readonly<Record<string, string>>;
  /** By the layer's name. */
  readonly weights: Readonly<Record<string, readonly Weight[]>>;
}

/** A `.h5` as Keras 1 and 2 write it. */
export const legacyH5 = ({
  config,
  attributes = { keras_version: '2.15.0' },
  weights,
}: LegacyFile): Promise<Buffer> =>
  hdf5((file) => {
    for (const [name, value] of Object.entries(attributes)) file.create_attribute(name, value);
    if (config !== undefined) {
      file.create_attribute('model_config', typeof config === 'string' ? config : JSON.stringify(config));
    }
    const root = config === undefined ? file : file.create_group('model_weights');
    list(root, 'layer_names', Object.keys(weights));
    for (const [layer, variables] of Object.entries(weights)) {
      const group = groupAt(root, layer);
      list(
        group,
        'weight_names',
        variables.map(({ name }) => name),
      );
      for (const variable of variables) addDataset(group, variable);
    }
  });

/** `model.weights.h5` as Keras 3 writes it: groups by path, each with its variables. */
export const stateH5 = (groups: Readonly<Record<string, readonly Weight[]>>): Promise<Buffer> =>
  hdf5((file) => {
    for (const [path, variables] of Object.entries(groups)) {
      const group = groupAt(file, `${path}/vars`);
      variables.forEach((variable) => addDataset(group, variable));
    }
  });

type Group = Pick<H5, 'create_group' | 'create_dataset' | 'create_attribute' | 'get'>;

function addDataset(group: Group, { name, shape, data, dtype }: Weight): void {
  const length = shape.reduce((product, size) => product * size, 1);
  const parts = name.split('/');
  const owner = parts.slice(0, -1).reduce((outer, part) => groupAt(outer, part), group);
  owner.create_dataset({
    name: parts.at(-1) ?? name,
    data: data ?? Float32Array.from({ length }, (_, at) => Math.sin(at)),
    shape: [...shape],
    ...(dtype === undefined ? {} : { dtype }),
  });
}

function groupAt(outer: Group, path: string): Group {
  return path
    .split('/')
    .reduce<Group>((group, part) => (group.get(part) as H5Group | null) ?? group.create_group(part), outer);
}

/** h5wasm cannot write an empty list; Keras writes it as floats, of which there are none. */
function list(group: Group, name: string, values: readonly string[]): void {
  if (values.length > 0) group.create_attribute(name, [...values], [values.length], 'S64');
}

export interface ZipEntry {
  readonly name: string;
  readonly data: Buffer | string;
  readonly deflate?: boolean;
  readonly flags?: number;
  /** What the directory claims, where it is not the truth. */
  readonly claims?: { readonly size?: number; readonly packed?: number; readonly crc?: number };
}

/** APPNOTE 4.3.7, 4.3.12 and 4.3.16, without any of the extras. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflate = false, flags = 0x800, claims = {} } of entries) {
    const content = Buffer.from(data);
    const packed = deflate ? deflateRawSync(content) : content;
    const title = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(claims.crc ?? crc32(content), 10);
    fields.writeUInt32LE(claims.packed ?? packed.length, 14);
    fields.writeUInt32LE(claims.size ?? content.length, 18);
    fields.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, title, packed]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, central, title]));
    files.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  const listing = Buffer.concat(directory);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listing, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** A small classifier of pictures 2x2 in grey: Flatten, Dense. */
export const denseConfig = (
  dense: object = {},
  input: object = {},
): { class_name: string; config: { name: string; layers: object[] } } => ({
  class_name: 'Sequential',
  config: {
    name: 'small',
    layers: [
      { class_name: 'InputLayer', config: { name: 'image', batch_shape: [null, 2, 2, 1], ...input } },
      { class_name: 'Flatten', config: { name: 'flatten' } },
      { class_name: 'Dense', config: { name: 'dense', units: 3, activation: 'softmax', ...dense } },
    ],
  },
});

export const denseWeights: readonly Weight[] = [
  { name: 'dense/kernel:0', shape: [4, 3] },
  { name: 'dense/bias:0', shape: [3] },
];

export const smallH5 = (config: unknown = denseConfig()): Promise<Buffer> =>
  legacyH5({ config, weights: { dense: denseWeights } });

export const stateWeights = (): Promise<Buffer> =>
  stateH5({
    'layers/dense': [
      { name: '0', shape: [4, 3] },
      { name: '1', shape: [3] },
    ],
  });

export async function smallKeras(
  config: unknown = denseConfig(),
  change: Partial<ZipEntry> = {},
): Promise<Buffer> {
  return zip([
    { name: 'metadata.json', data: JSON.stringify({ keras_version: '3.15.1' }) },
    { name: 'config.json', data: typeof config === 'string' ? config : JSON.stringify(config) },
    { name: 'model.weights.h5', data: await stateWeights(), ...change },
  ]);
}
