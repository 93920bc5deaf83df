// Receives the pictures of a request: a multipart form, a raw body, or JSON with base64.
import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../../errors/app-error.js';
import { requestSlot } from '../request-slot.js';
import { readWhole, refuseEncoded, withinLimits, type BodyLimits } from './bounded-body.js';
import { jsonBody } from './json-body.js';
import { multipartBody } from './multipart-body.js';
import type { Picture, PictureLimits } from './picture.js';
import { fileTooLarge, tooFewPictures } from './upload-errors.js';

export interface UploadOptions {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly minPictures?: number;
  readonly maxPictures?: number;
  readonly fields?: readonly string[];
  /** Where a request may bring several pictures: asked for room for so many in all, as they come. */
  readonly hold?: (res: Response, pictures: number) => void;
}

export const picturesSlot = requestSlot<readonly Picture[]>('upload');

export const IMAGE_FIELDS: readonly string[] = ['file', 'image'];
/** With the brackets that PHP and some JavaScript libraries put behind the names of lists. */
export const BATCH_FIELDS: readonly string[] = ['files', ...IMAGE_FIELDS, 'images', 'files[]', 'images[]'];

/** What a body may hold besides its pictures: boundaries, part headers, a few small fields. */
const ENVELOPE_BYTES = 64 * 1024;
/** Of base64 with its line breaks, over what it encodes. */
const BASE64_GROWTH = 1.4;
/** JSON is parsed in one go, and nothing else runs meanwhile: so many of the largest pictures it may hold. */
const JSON_PICTURES = 2;

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
  hold,
}: UploadOptions): RequestHandler => {
  const pictureLimits: PictureLimits = { maxBytes, maxPictures, fields };
  const bodyLimits = (size: number): BodyLimits => ({
    maxBytes: Math.floor(size),
    timeoutMs,
    tooLarge: (announced) => fileTooLarge(maxBytes, announced),
  });
  const whole = maxBytes * maxPictures + ENVELOPE_BYTES;
  const readers: readonly Reader[] = [
    { types: /^multipart\/form-data\b/i, limits: bodyLimits(whole), read: multipartBody(pictureLimits) },
    {
      types: /^(image\/[^\s;]+|application\/octet-stream)\s*(;|$)/i,
      limits: bodyLimits(maxBytes),
      read: async (req) => [{ bytes: await readWhole(req), name: null, place: 'the body' }],
    },
    {
      types: /^application\/json\s*(;|$)/i,
      limits: bodyLimits((maxBytes * Math.min(maxPictures, JSON_PICTURES) + ENVELOPE_BYTES) * BASE64_GROWTH),
      read: jsonBody(pictureLimits),
    },
  ];

  /** Small pictures are counted once they are read. The bytes of large ones fill memory before: each of the largest counts. */
  const holding = (res: Response, limits: BodyLimits): BodyLimits =>
    hold === undefined
      ? limits
      : { ...limits, received: (bytes) => hold(res, Math.min(maxPictures, Math.ceil(bytes / maxBytes))) };

  return async function upload(req, res, next) {
    const { limits, read } = readerFor(req, readers);
    const pictures = await withinLimits(req, holding(res, limits), () => read(req, res));
    hold?.(res, pictures.length);
    if (pictures.length < minPictures) throw tooFewPictures(minPictures, pictures.length);
    if (maxPictures === 1) refuseFaulty(pictures);
    picturesSlot.set(res, pictures);
    next();
  };
};

/** Of several pictures each fails alone. */
function refuseFaulty(pictures: readonly Picture[]): void {
  for (const { fault } of pictures) if (fault !== undefined) throw fault;
  const empty = pictures.find(({ bytes }) => bytes.length === 0);
  if (empty !== undefined) throw new AppError('empty_file', `${empty.place} came with 0 bytes`);
}

function readerFor(req: Request, readers: readonly Reader[]): Reader {
  refuseEncoded(req);
  const { 'content-type': type } = req.headers;
  const reader = type === undefined ? undefined : readers.find(({ types }) => types.test(type));
  if (reader !== undefined) return reader;
  const found =
    type === undefined ? 'no Content-Type' : `the Content-Type ${JSON.stringify(type.slice(0, 100))}`;
  throw new AppError(
    'no_image',
    `expected multipart/form-data, image/*, application/octet-stream or application/json, found ${found}`,
  );
}
