// What a file is by its first bytes, whatever its name says; what it is instead of a checkpoint, in words.
import { AppError } from '../../errors/app-error.js';
import type { ByteSource } from './byte-source.js';

/** The signature of the HDF5 format, at 0 or at a power of two from 512 on (format specification, II.A). */
const HDF5 = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Local file header of a zip's first entry (APPNOTE 4.3.7). */
const ZIP = Buffer.from('PK\x03\x04', 'latin1');

export type FileKind = 'hdf5' | 'zip';

export function fileKind(source: ByteSource, name: string): FileKind {
  if (source.size === 0) throw new AppError('checkpoint_not_hdf5', `${name} is empty`);
  const start = bytesAt(source, 0, 64);
  if (start.subarray(0, ZIP.length).equals(ZIP)) return 'zip';
  for (let offset = 0; offset + HDF5.length <= source.size; offset = offset === 0 ? 512 : offset * 2) {
    if (bytesAt(source, offset, HDF5.length).equals(HDF5)) return 'hdf5';
  }
  throw new AppError(
    'checkpoint_not_hdf5',
    `${name} begins with ${describeStart(start)}, not as HDF5 or .keras files do`,
  );
}

function bytesAt(source: ByteSource, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, source.read(bytes, position));
}

/** What people really download by mistake. */
function describeStart(start: Buffer): string {
  const [first, second] = start;
  const text = start.toString('latin1');
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer (run `git lfs pull`)';
  if (/^\s*<(!|html|\?xml)/i.test(text)) return 'HTML (a web page was saved, not the file)';
  if (/^\s*[{[]/.test(text)) return 'JSON (an architecture, or the answer of a download server)';
  if (text.startsWith('PK')) return 'the end of an empty zip';
  if (start[0] === 0x1f && start[1] === 0x8b) return 'the signature of gzip (unpack it first)';
  if (text.startsWith('TFL3', 4))
    return 'the signature of TensorFlow Lite (convert the Keras model it was made of)';
  if (first === 0x80 && isBetween(second, 2, 5))
    return 'the signature of a Python pickle, which is never loaded here';
  if (first === 0x08 && isBetween(second, 3, 15) && start[2] === 0x12) return 'the fields of an ONNX model';
  if (/^(Rar!|7z\xbc\xaf)/.test(text)) return 'the signature of an archive (unpack it first)';
  return `the bytes ${start.subarray(0, 8).toString('hex')}`;
}

const isBetween = (value = 0, least: number, most: number): boolean => value >= least && value <= most;
