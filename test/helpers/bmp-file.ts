// Windows bitmaps, also such as no encoder writes.
export function bmp(of: {
  width: number;
  height: number;
  bits: number;
  rows: Buffer;
  compression?: number;
  palette?: Buffer;
  masks?: readonly number[];
}): Buffer {
  const { masks = [], palette = Buffer.alloc(0) } = of;
  // Masks stand inside a BITMAPV5HEADER.
  const length = masks.length === 0 ? 40 : 124;
  const header = Buffer.alloc(14 + length);
  header.write('BM');
  header.writeUInt32LE(header.length + palette.length + of.rows.length, 2);
  header.writeUInt32LE(header.length + palette.length, 10);
  header.writeUInt32LE(length, 14);
  header.writeInt32LE(of.width, 18);
  header.writeInt32LE(of.height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(of.bits, 28);
  header.writeUInt32LE(of.compression ?? (masks.length === 0 ? 0 : 3), 30);
  header.writeUInt32LE(palette.length / 4, 46);
  for (const [at, mask] of masks.entries()) header.writeUInt32LE(mask, 54 + at * 4);
  return Buffer.concat([header, palette, of.rows]);
}
