// Pictures as files of a multipart form, into memory: small plain forms are read here and now, all others by multer.
import type { Request, Response } from 'express';
import multer from 'multer';
import type { Writable } from 'node:stream';
import { AppError } from '../../errors/app-error.js';
import { requestSlot } from '../request-slot.js';
import { announcedBytes, readWhole } from './bounded-body.js';
import { boundedMemory } from './bounded-memory.js';
import type { Picture, PictureLimits } from './picture.js';
import { readPlainForm, type FormFile } from './plain-form.js';
import { fileTooLarge, toUploadError } from './upload-errors.js';

const LIMITS = {
  fields: 8,
  fieldNameSize: 100,
  fieldSize: 4 * 1024,
  fieldNestingDepth: 0,
  headerPairs: 32,
} as const;

/** A body of so many bytes is read whole before anything is looked at: it has mostly come with its head. */
const SMALL_FORM_BYTES = 256 * 1024;

const smallForm = requestSlot<Buffer | undefined>('multipartBody');

export function multipartBody(limits: PictureLimits) {
  const { maxBytes, maxPictures, fields } = limits;
  const readByMulter = multerReader(limits);

  return async (req: Request, res: Response): Promise<readonly Picture[]> => {
    const announced = announcedBytes(req);
    if (!(announced > 0 && announced <= SMALL_FORM_BYTES)) return readByMulter(req, res, undefined);
    const body = await readWhole(req);
    const files = readPlainForm(body, req.headers['content-type'] ?? '', { maxFiles: maxPictures, maxBytes });
    const isPlain = files?.every(({ field }) => fields.includes(field)) ?? false;
    return files !== undefined && isPlain ? files.map(fromForm) : readByMulter(req, res, body);
  };
}

const fromForm = ({ bytes, name, field }: FormFile): Picture => ({
  bytes,
  name,
  place: `the field \`${field}\``,
});

/** With the body where it has been read, else as it comes. */
type ReadByMulter = (req: Request, res: Response, body: Buffer | undefined) => Promise<readonly Picture[]>;

function multerReader(limits: PictureLimits): ReadByMulter {
  const { maxBytes, maxPictures, fields } = limits;
  // @types/multer does not know streamHandler yet.
  const options: multer.Options & { streamHandler: (req: Request, parser: Writable) => void } = {
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
    streamHandler: (req, parser) => {
      const body = req.res === undefined ? undefined : smallForm.get(req.res);
      if (body === undefined) req.pipe(parser);
      else parser.end(body);
    },
  };
  const parse = multer(options).any();

  return (req, res, body) =>
    new Promise((resolve, reject) => {
      smallForm.set(res, body);
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
