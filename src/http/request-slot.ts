// How one middleware leaves something for the handlers behind it, with a type, unlike res.locals.
import type { Response } from 'express';
import { AppError } from '../errors/app-error.js';

export interface RequestSlot<Value> {
  readonly set: (res: Response, value: Value) => void;
  /** Throws if the middleware that fills this slot did not run before. */
  readonly get: (res: Response) => Value;
}

/** A symbol of its own on the response: entries of a WeakMap keep the garbage collector busy with every request. */
export function requestSlot<Value>(filledBy: string): RequestSlot<Value> {
  const slot = Symbol(filledBy);
  type Holder = Response & { [slot]?: { readonly value: Value } };
  return {
    set: (res: Holder, value) => void (res[slot] = { value }),
    get(res: Holder) {
      const held = res[slot];
      if (held === undefined)
        throw new AppError('internal', `${filledBy} must run before the handlers that rely on it`);
      return held.value;
    },
  };
}
