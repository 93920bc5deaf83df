// What multer and busboy report, in the catalogue's words.
import type { Request } from 'express';
import { MulterError } from 'multer';
import { AppError } from '../../errors/app-error.js';
import type { PictureLimits } from './picture.js';

export function fileTooLarge(maxBytes: number, announced?: number): AppError {
  const found = announced === undefined ? 'more arrived' : `the request announces ${megabytes(announced)}`;
  return new AppError('file_too_large', `a file may have ${megabytes(maxBytes)}; ${found}`);
}

const megabytes = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MB`;

export const tooManyPictures = (maxPictures: number, found?: number): AppError =>
  new AppError(
    'too_many_files',
    `the request has ${found ?? 'more'} ${found === undefined ? 'than' : 'pictures, not'} ${maxPictures === 1 ? 'one' : maxPictures}`,
    maxPictures === 1
      ? {}
      : { remedy: `Send at most ${maxPictures} pictures in one request and the others in the next.` },
  );

export const tooFewPictures = (minPictures: number, found: number): AppError =>
  new AppError('too_few_files', `the request has ${found} of at least ${minPictures} pictures`, {
    remedy: `Send at least ${minPictures} pictures in one request; a single one goes to POST /predict.`,
  });

export function toUploadError(fault: unknown, req: Request, limits: PictureLimits): AppError {
  if (fault instanceof AppError) return fault;
  if (req.socket.destroyed || (req.destroyed && !req.complete)) {
    return new AppError('client_gone', 'the connection closed during the upload', { cause: fault });
  }
  if (fault instanceof MulterError) return fromMulter(fault, limits);
  // What is left comes from busboy, which throws plain errors about the shape of the body.
  const reason = fault instanceof Error ? fault.message : String(fault);
  return new AppError('malformed_upload', reason, { cause: fault });
}

function fromMulter(fault: MulterError, { maxBytes, maxPictures, fields }: PictureLimits): AppError {
  const field = JSON.stringify(fault.field ?? '');
  switch (fault.code) {
    case 'LIMIT_FILE_SIZE':
      return fileTooLarge(maxBytes);
    case 'LIMIT_FILE_COUNT':
      return tooManyPictures(maxPictures);
    case 'LIMIT_FIELD_VALUE':
      return fields.includes(fault.field ?? '')
        ? new AppError('no_image', `the field ${field} holds text and no file; its part needs a filename`)
        : new AppError('malformed_upload', `the text in the field ${field} is too long`);
    default:
      return new AppError('malformed_upload', fault.message, { cause: fault });
  }
}
