// How one middleware leaves something for the handlers behind it, with a type, unlike res.locals.
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';

export interface RequestSlot<Value> {
  readonly set: (res: Response, value: Value) => void;
  /** Throws if the middleware that fills this slot did not run before. */
  readonly get: (res: Response) => Value;
}

export function requestSlot<Value>(filledBy: string): RequestSlot<Value> {
  const values = new WeakMap<Response, { readonly value: Value }>();
  return {
    set: (res, value) => values.set(res, { value }),
    get(res) {
      const held = values.get(res);
      if (held === undefined)
        throw new AppError('internal', `${filledBy} must run before the handlers that rely on it`);
      return held.value;
    },
  };
}
