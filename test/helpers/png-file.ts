// PNG files chunk by chunk, also such as no encoder writes.
import { crc32 } from 'node:zlib';

export function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

export function header(of: {
  width: number;
  height: number;
  depth: number;
  type: number;
  interlace?: number;
}): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(of.width);
  data.writeUInt32BE(of.height, 4);
  data.set([of.depth, of.type, 0, 0, of.interlace ?? 0], 8);
  return pngChunk('IHDR', data);
}

/** With the signature before and the end behind. */
export const png = (...chunks: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
