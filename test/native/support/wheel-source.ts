// A folder that real pip takes for its only source, with one small wheel under the pinned name and version.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pinned } from './checkout.js';
import { smallZip } from './small-zip.js';

export interface WheelSource {
  readonly wheel: Buffer;
  /** Points pip here and away from the user's own configuration. */
  readonly environment: Readonly<Record<string, string>>;
}

export function wheelSource(folder: string): WheelSource {
  const { file, version } = pinned();
  const distInfo = `tensorflow_cpu-${version}.dist-info`;
  const wheel = smallZip({
    [`${distInfo}/METADATA`]: `Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: ${version}\n`,
    [`${distInfo}/WHEEL`]:
      'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_27_x86_64\n',
    [`${distInfo}/RECORD`]: '',
    'tensorflow/libtensorflow_cc.so.2': 'not the library that was pinned',
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, file), wheel);
  return { wheel, environment: { PIP_CONFIG_FILE: '/dev/null', PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder } };
}
