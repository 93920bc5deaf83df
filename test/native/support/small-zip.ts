// Writes small real zip files: deflated entries, a central directory, nothing else.
import { crc32, deflateRawSync } from 'node:zlib';

const DEFLATE = 8;

function header(signature: number, size: number, fill: (view: Buffer) => void): Buffer {
  const view = Buffer.alloc(size);
  view.writeUInt32LE(signature, 0);
  fill(view);
  return view;
}

export function smallZip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [file, content] of Object.entries(files)) {
    const name = Buffer.from(file);
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    // The fields that both headers share, from "version needed" to "file name length".
    const describe = (view: Buffer, at: number): void => {
      view.writeUInt16LE(20, at);
      view.writeUInt16LE(DEFLATE, at + 4);
      view.writeUInt32LE(crc32(plain), at + 10);
      view.writeUInt32LE(packed.length, at + 14);
      view.writeUInt32LE(plain.length, at + 18);
      view.writeUInt16LE(name.length, at + 22);
    };
    const position = offset;
    local.push(
      header(0x04034b50, 30, (view) => describe(view, 4)),
      name,
      packed,
    );
    offset += 30 + name.length + packed.length;
    central.push(
      header(0x02014b50, 46, (view) => {
        describe(view, 6);
        view.writeUInt32LE(position, 42);
      }),
      name,
    );
  }
  const directory = Buffer.concat(central);
  const end = header(0x06054b50, 22, (view) => {
    const count = Object.keys(files).length;
    view.writeUInt16LE(count, 8);
    view.writeUInt16LE(count, 10);
    view.writeUInt32LE(directory.length, 12);
    view.writeUInt32LE(offset, 16);
  });
  return Buffer.concat([...local, directory, end]);
}
