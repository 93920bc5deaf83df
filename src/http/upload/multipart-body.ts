// Pictures as files of a multipart form, into memory.
import type { Request, Response } from 'express';
import multer from 'multer';
import { AppError } from '../../errors/app-error.js';
import { boundedMemory } from './bounded-memory.js';
import type { Picture, PictureLimits } from './picture.js';
import { fileTooLarge, toUploadError } from './upload-errors.js';

const LIMITS = {
  fields: 8,
  fieldNameSize: 100,
  fieldSize: 4 * 1024,
  fieldNestingDepth: 0,
  headerPairs: 32,
} as const;

export function multipartBody(limits: PictureLimits) {
  const { maxBytes, maxPictures, fields } = limits;
  const parse = multer({
    // multer ends the whole upload at a file that is too large; among several it shall fail alone.
    storage: maxPictures === 1 ? multer.memoryStorage() : boundedMemory(maxBytes),
    // Python's requests and browsers write UTF-8 here, whatever the RFC of 1998 says.
    defParamCharset: 'utf8',
    limits: {
      ...LIMITS,
      files: maxPictures,
      parts: maxPictures + LIMITS.fields,
      fileSize: maxPictures === 1 ? maxBytes : Infinity,
    },
    fileFilter: (_req, { fieldname }, done) => {
      if (fields.includes(fieldname)) done(null, true);
      else done(unexpectedField(fieldname, fields));
    },
  }).any();

  return (req: Request, res: Response): Promise<readonly Picture[]> =>
    new Promise((resolve, reject) => {
      parse(req, res, (fault: unknown) => {
        try {
          if (fault !== undefined && fault !== null) throw toUploadError(fault, req, limits);
          resolve(pictures(req, limits));
        } catch (error) {
          reject(error instanceof AppError ? error : toUploadError(error, req, limits));
        }
      });
    });
}

const unexpectedField = (found: string, fields: readonly string[]): AppError =>
  new AppError('unexpected_field', `the file came in the field ${JSON.stringify(found)}`, {
    remedy: `Name the field ${fields.map((field) => `\`${field}\``).join(' or ')}.`,
  });

function pictures(req: Request, { fields, maxBytes }: PictureLimits): readonly Picture[] {
  const files = Array.isArray(req.files) ? req.files : [];
  const body: unknown = req.body;
  const texts = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const sentAsText = texts.find((name) => fields.includes(name));
  if (files.length === 0 && sentAsText !== undefined) {
    throw new AppError('no_image', `the field \`${sentAsText}\` holds text and no file`, {
      remedy: `With curl, write -F "${sentAsText}=@picture.png", with the @.`,
    });
  }
  if (files.length === 0) throw new AppError('no_image', 'the form has no file');
  return files.map((file) => ({
    bytes: file.buffer,
    name: file.originalname,
    place: `the field \`${file.fieldname}\``,
    ...(file.size > file.buffer.length ? { fault: fileTooLarge(maxBytes) } : {}),
  }));
}
