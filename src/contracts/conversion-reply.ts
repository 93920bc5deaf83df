// What the converter answers, as the thread that asked reads it. The converter itself is spared the code of zod: it starts sooner.
import { isErrorCode } from '../errors/catalogue.js';
import { convertedSchema } from './artifact.js';
import type { ConversionReply } from './conversion.js';
import { inspectionSchema } from './inspection.js';
import { isRecord } from './is-record.js';

export function isConversionReply(value: unknown): value is ConversionReply {
  if (!isRecord(value)) return false;
  if (value['ok'] === false) {
    return (
      isErrorCode(value['code']) &&
      typeof value['detail'] === 'string' &&
      typeof value['remedy'] === 'string' &&
      typeof value['threadIsSpent'] === 'boolean'
    );
  }
  if (value['ok'] !== true) return false;
  return value['kind'] === 'convert'
    ? convertedSchema.safeParse(value['result']).success
    : value['kind'] === 'inspect' && inspectionSchema.safeParse(value['result']).success;
}
