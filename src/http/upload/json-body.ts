// Pictures as base64 or data URLs in a JSON body: {"image": "..."} or {"images": ["...", ...]}.
import type { Request } from 'express';
import { AppError, toAppError } from '../../errors/app-error.js';
import { readWhole } from './bounded-body.js';
import { decodeBase64 } from './base64.js';
import type { Picture, PictureLimits } from './picture.js';
import { fileTooLarge, tooManyPictures } from './upload-errors.js';

/** What a JSON body may hold besides its pictures: beyond it is no upload but an attack on the parser. */
const STRUCTURE_BYTES = 16 * 1024;

export const jsonBody =
  (limits: PictureLimits) =>
  async (req: Request): Promise<readonly Picture[]> => {
    const body = await readWhole(req);
    if (isMostlyStructure(body)) {
      throw new AppError(
        'malformed_json',
        `the body has more than ${STRUCTURE_BYTES} bytes outside of texts`,
      );
    }
    const value = parse(body);
    const texts = members(value, limits.fields);
    if (texts.length > limits.maxPictures) throw tooManyPictures(limits.maxPictures, texts.length);
    return texts.map((member) => pictureOf(member, limits));
  };

function pictureOf({ text, place }: Member, { maxBytes }: PictureLimits): Picture {
  try {
    if (typeof text !== 'string') {
      throw new AppError('malformed_json', `${place}: expected a picture in base64, found ${kindOf(text)}`);
    }
    const bytes = decodeBase64(text, place);
    if (bytes.length > maxBytes) throw fileTooLarge(maxBytes);
    return { bytes, name: null, place };
  } catch (error) {
    return { bytes: new Uint8Array(), name: null, place, fault: toAppError(error) };
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AppError('malformed_json', cause instanceof Error ? cause.message.slice(0, 200) : 'not JSON', {
      cause,
    });
  }
}

interface Member {
  readonly text: unknown;
  readonly place: string;
}

function members(value: unknown, fields: readonly string[]): readonly Member[] {
  const record = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const given = Object.entries(record).filter(([name]) => fields.includes(name));
  if (given.length === 0) {
    throw new AppError('no_image', `the JSON body has no member ${fields.join(' or ')}`);
  }
  return given.flatMap(([name, held]: [string, unknown]) =>
    Array.isArray(held)
      ? held.map((text: unknown, at) => ({ text, place: `${name}[${at}]` }))
      : [{ text: held, place: name }],
  );
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;

/** Goes from quote to quote, natively: a body that is one long text costs nothing. */
function isMostlyStructure(body: Buffer): boolean {
  const QUOTE = 0x22;
  const BACKSLASH = 0x5c;
  let outside = 0;
  let at = 0;
  for (;;) {
    const open = body.indexOf(QUOTE, at);
    outside += (open < 0 ? body.length : open) - at + 1;
    if (outside > STRUCTURE_BYTES) return true;
    if (open < 0) return false;
    let close = body.indexOf(QUOTE, open + 1);
    while (close > 0 && body[close - 1] === BACKSLASH) {
      outside += 1;
      close = body.indexOf(QUOTE, close + 1);
    }
    if (close < 0) return false;
    at = close + 1;
  }
}
