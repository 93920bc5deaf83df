// A multipart body with one picture in it, for tests that talk to a server by node:http.

export interface Multipart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function multipart(picture: Buffer): Multipart {
  const boundary = 'h5serve-test';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return {
    headers: {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': String(body.length),
    },
    body,
  };
}
