// Gives the HDF5 library one file to see. It is compiled to WebAssembly and lives in Emscripten's own file system, so
// an external link or external raw data in a checkpoint can name any path of this machine and finds nothing there.
import { FS } from 'h5wasm';
import type { ByteSource } from '../files/byte-source.js';

/** What Emscripten's MEMFS keeps of a file: see MEMFS.node_ops.getattr and MEMFS.stream_ops in its library_memfs.js. */
interface MemoryNode {
  usedBytes: number;
  stream_ops: object;
}

/** A place in the library's memory that the file is to be read beside: straight to where it is wanted. */
export interface ShortCut {
  readonly pointer: number;
  readonly target: Uint8Array;
  /** Whether the library read exactly that, in one go. */
  taken: boolean;
}

export class VirtualFile {
  shortCut: ShortCut | undefined;

  constructor(
    readonly path: string,
    private readonly source: ByteSource,
  ) {}

  /** `heap` is all memory of the library. */
  read(heap: ReadBuffer, pointer: number, length: number, position: number): number {
    const wanted = new Uint8Array(heap.buffer, heap.byteOffset + pointer, length);
    const { shortCut } = this;
    if (shortCut?.pointer !== pointer || shortCut.target.length !== length)
      return this.source.read(wanted, position);
    const read = this.source.read(shortCut.target, position);
    shortCut.taken = read === length;
    // It will go on from there, where there is a rest.
    if (!shortCut.taken) wanted.set(shortCut.target.subarray(0, read));
    return read;
  }
}

type ReadBuffer = Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

let number = 0;

/** What HDF5 finds `source` by, for the time of `body`. h5wasm must be ready. */
export async function withVirtualFile<T>(
  source: ByteSource,
  body: (file: VirtualFile) => T | Promise<T>,
): Promise<T> {
  if (FS === null) throw new Error('h5wasm is not ready');
  const path = `/checkpoint-${number++}.h5`;
  FS.writeFile(path, new Uint8Array(0));
  const file = new VirtualFile(path, source);
  const node = FS.lookupPath(path, {}).node as unknown as MemoryNode;
  node.usedBytes = source.size;
  // The table of operations is shared by all files of MEMFS: this file gets its own.
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream: unknown, heap: ReadBuffer, pointer: number, length: number, position: number) =>
      file.read(heap, pointer, length, position),
  };
  try {
    return await body(file);
  } finally {
    node.usedBytes = 0;
    FS.unlink(path);
  }
}
