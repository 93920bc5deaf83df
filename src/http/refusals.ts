// Which refusals belong together, so that each operation documents what it may end in.
import type { ErrorCode } from '../errors/catalogue.js';

/** A path that is no valid %-encoding, and what nobody foresaw. */
export const ANYWHERE: readonly ErrorCode[] = ['invalid_parameter', 'internal'];

export const UPLOAD_REFUSALS: readonly ErrorCode[] = [
  'no_image',
  'empty_file',
  'too_many_files',
  'unexpected_field',
  'malformed_upload',
  'malformed_json',
  'upload_timeout',
  'file_too_large',
  'image_too_large',
  'unsupported_media',
  'unsupported_encoding',
  'undecodable_image',
];

export const MODEL_REFUSALS: readonly ErrorCode[] = ['unknown_model', 'model_unavailable'];

export const LOAD_REFUSALS: readonly ErrorCode[] = [
  'queue_full',
  'draining',
  'deadline_in_queue',
  'deadline_running',
  'inference_failed',
];

export const PICTURE_REFUSALS: readonly ErrorCode[] = [
  ...UPLOAD_REFUSALS,
  ...MODEL_REFUSALS,
  ...LOAD_REFUSALS,
];
