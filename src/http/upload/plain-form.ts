// Forms as nearly all clients send them: nothing but files, each headed by its names alone, in a body that is there as a
// whole. Reading one so costs a tenth of a streaming parser. At the first oddity this gives up, and multer decides.

export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface PlainFormLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** RFC 2046, 5.1.1. */
const TYPE = /^multipart\/form-data; *boundary=("?)([\w'()+,./:=?-]{1,70})\1$/i;
/** Escapes, other character sets and what some clients send beside the names are oddities. */
const HEAD =
  /^Content-Disposition: form-data; name="([\w[\].-]{1,100})"; filename="([\w .()+,@-]{1,255})"(?:\r\nContent-Type: [\w.+/-]{1,127})?$/i;
/** The longest head that this takes, and some more. */
const HEAD_BYTES = 1024;

export function readPlainForm(
  body: Buffer,
  contentType: string,
  { maxFiles, maxBytes }: PlainFormLimits,
): readonly FormFile[] | undefined {
  const boundary = TYPE.exec(contentType)?.[2];
  if (boundary === undefined) return undefined;
  const opening = `--${boundary}\r\n`;
  if (body.toString('latin1', 0, opening.length) !== opening) return undefined;

  const delimiter = `\r\n--${boundary}`;
  const files: FormFile[] = [];
  for (let at = opening.length; files.length < maxFiles;) {
    const start = endOfHead(body, at);
    if (start === undefined) return undefined;
    const [, field, name] = HEAD.exec(body.toString('latin1', at, start - 4)) ?? [];
    const end = body.indexOf(delimiter, start, 'latin1');
    if (field === undefined || name === undefined || end < 0 || end - start > maxBytes) return undefined;
    files.push({ field, name, bytes: body.subarray(start, end) });
    at = end + delimiter.length;
    const rest = body.toString('latin1', at, at + 5);
    // Nothing may stand behind the last part but the end of its line.
    if (rest === '--\r\n' || rest === '--') return files;
    if (!rest.startsWith('\r\n')) return undefined;
    at += 2;
  }
  return undefined;
}

/** Where the file begins; undefined where its head is longer than a plain one. */
function endOfHead(body: Buffer, at: number): number | undefined {
  const end = body.subarray(at, at + HEAD_BYTES).indexOf('\r\n\r\n', 0, 'latin1');
  return end < 0 ? undefined : at + end + 4;
}
