// Receives the pictures of a request: a multipart form, a raw body, or JSON with base64.
import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../errors/app-error.js';
import { requestSlot } from '../request-slot.js';
import { readWhole, withinLimits, type BodyLimits } from './bounded-body.js';
import { jsonBody } from './json-body.js';
import { multipartBody } from './multipart-body.js';
import type { Picture, PictureLimits } from './picture.js';
import { fileTooLarge } from './upload-errors.js';

export interface UploadOptions {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly minPictures?: number;
  readonly maxPictures?: number;
  readonly fields?: readonly string[];
}

export const picturesSlot = requestSlot<readonly Picture[]>('upload');

/** Names for one picture; the names of several come on top. */
export const IMAGE_FIELDS: readonly string[] = ['file', 'image'];

/** What a body may hold besides its pictures: boundaries, part headers, a few small fields. */
const ENVELOPE_BYTES = 64 * 1024;
/** Of base64 with its line breaks, over what it encodes. */
const BASE64_GROWTH = 1.4;

interface Reader {
  readonly types: RegExp;
  readonly limits: BodyLimits;
  readonly read: (req: Request, res: Response) => Promise<readonly Picture[]>;
}

export const upload = ({
  maxBytes,
  timeoutMs,
  minPictures = 1,
  maxPictures = 1,
  fields = IMAGE_FIELDS,
}: UploadOptions): RequestHandler => {
  const limits: PictureLimits = { maxBytes, maxPictures, fields };
  const bodyLimits = (size: number): BodyLimits => ({
    maxBytes: Math.floor(size),
    timeoutMs,
    tooLarge: (announced) => fileTooLarge(maxBytes, announced),
  });
  const whole = maxBytes * maxPictures + ENVELOPE_BYTES;
  const readers: readonly Reader[] = [
    { types: /^multipart\/form-data\b/i, limits: bodyLimits(whole), read: multipartBody(limits) },
    {
      types: /^(image\/[^\s;]+|application\/octet-stream)\s*(;|$)/i,
      limits: bodyLimits(maxBytes),
      read: async (req) => [{ bytes: await readWhole(req), name: null, place: 'the body' }],
    },
    {
      types: /^application\/json\s*(;|$)/i,
      limits: bodyLimits(whole * BASE64_GROWTH),
      read: jsonBody(limits),
    },
  ];

  return async function upload(req, res, next) {
    const reader = readerFor(req, readers);
    const pictures = await withinLimits(req, reader.limits, () => reader.read(req, res));
    if (pictures.length < minPictures) {
      throw new AppError(
        'too_few_files',
        `the request has ${pictures.length} of at least ${minPictures} pictures`,
      );
    }
    if (minPictures === 1 && maxPictures === 1) refuseEmpty(pictures);
    picturesSlot.set(res, pictures);
    next();
  };
};

/** Of several pictures an empty one fails alone. */
function refuseEmpty(pictures: readonly Picture[]): void {
  const empty = pictures.find(({ bytes }) => bytes.length === 0);
  if (empty !== undefined) throw new AppError('empty_file', `${empty.place} came with 0 bytes`);
}

function readerFor(req: Request, readers: readonly Reader[]): Reader {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = req.headers;
  if (encoding !== 'identity') {
    throw new AppError(
      'unsupported_encoding',
      `the Content-Encoding is ${JSON.stringify(encoding.slice(0, 100))}`,
    );
  }
  const reader = type === undefined ? undefined : readers.find(({ types }) => types.test(type));
  if (reader !== undefined) return reader;
  const found =
    type === undefined ? 'no Content-Type' : `the Content-Type ${JSON.stringify(type.slice(0, 100))}`;
  throw new AppError(
    'no_image',
    `expected multipart/form-data, image/*, application/octet-stream or application/json, found ${found}`,
  );
}
