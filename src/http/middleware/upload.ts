// Receives one image as multipart/form-data, into memory, within limits of size, count and time.
import type { Request, RequestHandler } from 'express';
import multer from 'multer';
import { AppError } from '../../errors/app-error.js';
import { requestSlot } from '../request-slot.js';
import { fileTooLarge, isImageField, toUploadError } from './upload-errors.js';

export interface UploadOptions {
  readonly maxBytes: number;
  /** For the whole body, from the moment that this handler begins to read it. */
  readonly timeoutMs: number;
}

export const imageSlot = requestSlot<Uint8Array>('upload');

/** What a body may hold besides its image: boundaries, part headers, a few small fields. */
const ENVELOPE_BYTES = 64 * 1024;

const LIMITS = {
  files: 1,
  fields: 8,
  parts: 9,
  fieldNameSize: 100,
  fieldSize: 4 * 1024,
  fieldNestingDepth: 0,
  headerPairs: 32,
} as const;

export const upload = ({ maxBytes, timeoutMs }: UploadOptions): RequestHandler => {
  const maxBodyBytes = maxBytes + ENVELOPE_BYTES;
  const parse = multer({
    storage: multer.memoryStorage(),
    limits: { ...LIMITS, fileSize: maxBytes },
    fileFilter: (_req, { fieldname }, done) => {
      if (isImageField(fieldname)) done(null, true);
      else done(new AppError('unexpected_field', `the file came in the field ${JSON.stringify(fieldname)}`));
    },
  }).any();

  return function upload(req, res, next) {
    refuseOtherContent(req);
    const announced = Number(req.headers['content-length'] ?? 0);
    if (announced > maxBodyBytes) throw fileTooLarge(maxBytes, announced);

    let settled = false;
    const settle = (error?: AppError): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      req.off('data', count);
      // multer's last word may still come; whatever it is, the request has been answered.
      if (error !== undefined) req.unpipe();
      next(error);
    };
    // multer reads on to the end of the body before it reports a fault: this bounds what it reads, and how long.
    let received = 0;
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > maxBodyBytes) settle(fileTooLarge(maxBytes));
    };
    const timer = setTimeout(() => {
      const detail = `${received} bytes arrived within ${timeoutMs} ms, and not the whole request`;
      settle(new AppError('upload_timeout', detail));
    }, timeoutMs);
    req.on('data', count);

    parse(req, res, (fault: unknown) => {
      if (settled) return;
      try {
        if (fault !== undefined && fault !== null) throw toUploadError(fault, req, maxBytes);
        imageSlot.set(res, onlyImage(req));
        settle();
      } catch (error) {
        settle(error instanceof AppError ? error : toUploadError(error, req, maxBytes));
      }
    });
  };
};

function refuseOtherContent(req: Request): void {
  const type = req.headers['content-type'];
  if (type !== undefined && /^multipart\/form-data\b/i.test(type)) return;
  const found =
    type === undefined ? 'no Content-Type' : `the Content-Type ${JSON.stringify(type.slice(0, 100))}`;
  throw new AppError('no_image', `expected multipart/form-data, found ${found}`);
}

function onlyImage(req: Request): Uint8Array {
  const [file] = Array.isArray(req.files) ? req.files : [];
  if (file === undefined) {
    const body: unknown = req.body;
    const texts = typeof body === 'object' && body !== null ? Object.keys(body) : [];
    const sentAsText = texts.find(isImageField);
    throw sentAsText === undefined
      ? new AppError('no_image', 'the form has no file')
      : new AppError('no_image', `the field \`${sentAsText}\` holds text and no file`, {
          remedy: `With curl, write -F "${sentAsText}=@picture.png", with the @.`,
        });
  }
  if (file.size === 0) throw new AppError('empty_file', `the field \`${file.fieldname}\` came with 0 bytes`);
  return file.buffer;
}
