// What every way of sending a picture ends in.

import type { AppError } from '../../errors/app-error.js';

export interface Picture {
  readonly bytes: Uint8Array;
  /** As the client calls it: for answers about several pictures, never for paths. */
  readonly name: string | null;
  /** Where in the request it stood, for messages: "the field `file`". */
  readonly place: string;
  /** Why it could not be received: it fails alone where there are others. */
  readonly fault?: AppError;
}

export interface PictureLimits {
  readonly maxBytes: number;
  /** How many pictures a request may hold. */
  readonly maxPictures: number;
  /** Names of form fields and JSON members that hold them. */
  readonly fields: readonly string[];
}
