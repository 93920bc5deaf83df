// Bytes that can be read at any place: a file, a part of a file (an entry that a zip stores as it is), or memory.
import { readSync } from 'node:fs';

export interface ByteSource {
  readonly size: number;
  /** Fills as much of `target` as there is from `position` on; returns how much that was. */
  read(target: Uint8Array, position: number): number;
}

/** `size` bytes of an open file from `start` on. Nothing outside of them can be reached through it. */
export const fileWindow = (fd: number, start: number, size: number): ByteSource => ({
  size,
  read(target, position) {
    const length = Math.max(0, Math.min(target.length, size - position));
    return length === 0 ? 0 : readSync(fd, target, 0, length, start + position);
  },
});

export const memory = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read(target, position) {
    const part = bytes.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  },
});
