// Gives the HDF5 library one file to see. It is compiled to WebAssembly and lives in Emscripten's own file system, so
// an external link or external raw data in a checkpoint can name any path of this machine and finds nothing there.
import { FS } from 'h5wasm';
import type { ByteSource } from '../files/byte-source.js';

/** What Emscripten's MEMFS keeps of a file: see MEMFS.node_ops.getattr and MEMFS.stream_ops in its library_memfs.js. */
interface MemoryNode {
  usedBytes: number;
  stream_ops: object;
}

type ReadBuffer = Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

let number = 0;

/** The path under which HDF5 finds `source`, for the time of `body`. h5wasm must be ready. */
export async function withVirtualFile<T>(
  source: ByteSource,
  body: (path: string) => T | Promise<T>,
): Promise<T> {
  if (FS === null) throw new Error('h5wasm is not ready');
  const path = `/checkpoint-${number++}.h5`;
  FS.writeFile(path, new Uint8Array(0));
  const node = FS.lookupPath(path, {}).node as unknown as MemoryNode;
  node.usedBytes = source.size;
  // The table of operations is shared by all files of MEMFS: this file gets its own.
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream: unknown, heap: ReadBuffer, offset: number, length: number, position: number) =>
      source.read(new Uint8Array(heap.buffer, heap.byteOffset + offset, length), position),
  };
  try {
    return await body(path);
  } finally {
    node.usedBytes = 0;
    FS.unlink(path);
  }
}
