// Files into memory, each up to a limit: what is beyond it is read and dropped, so that the files behind it come through.
import type { StorageEngine } from 'multer';

/** A file that was too large has a `size` above the length of its `buffer`, which is empty. */
export const boundedMemory = (maxBytes: number): StorageEngine => ({
  _handleFile(_req, file, done) {
    let chunks: Buffer[] = [];
    let size = 0;
    file.stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks = [];
    });
    file.stream.once('error', (error: Error) => done(error));
    file.stream.once('end', () => done(null, { buffer: Buffer.concat(chunks), size }));
  },
  _removeFile(_req, _file, done) {
    done(null);
  },
});
