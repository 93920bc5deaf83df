// A JPEG in colour whose first scan says that it brings the first component alone, as others may follow.

export function onlyGreyInScan(jpeg: Buffer): Buffer {
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const length = 2 + jpeg.readUInt16BE(scan + 2);
  const greyAlone = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
  return Buffer.concat([jpeg.subarray(0, scan), greyAlone, jpeg.subarray(scan + length)]);
}
