// Refuses a prediction before its body is read, while refusing is still cheap for both sides.
import type { Request, RequestHandler } from 'express';
import type { Priority, ServedModel } from '../../contracts/classifier.js';
import { AppError } from '../../errors/app-error.js';
import { contextOf } from '../context.js';
import type { InFlight } from '../in-flight.js';
import { requestSlot } from '../request-slot.js';
import { allowedMs } from '../time-left.js';

export interface AdmissionOptions {
  readonly inFlight: InFlight;
  readonly timeoutMs: number;
  /** Which model a request asks for. */
  readonly choose: (req: Request) => ServedModel;
  /** How many pictures it brings at least. */
  readonly pictures?: number;
  readonly priority?: Priority;
}

/** A request that may be served: by which model, and in which time. */
export interface Admitted {
  readonly model: ServedModel;
  readonly timeoutMs: number;
}

export const admittedSlot = requestSlot<Admitted>('admission');

export const admission = ({
  inFlight,
  timeoutMs,
  choose,
  pictures = 1,
  priority = 'interactive',
}: AdmissionOptions): RequestHandler =>
  function admission(req, res, next) {
    if (contextOf(res).lifecycle.draining()) {
      throw new AppError('draining', 'this instance takes no new predictions', { retryAfterSeconds: 1 });
    }
    const model = choose(req);
    const allowed = allowedMs(req, timeoutMs);
    model.admit(pictures, { deadline: performance.now() + allowed, priority });
    inFlight.enter(res, pictures);
    admittedSlot.set(res, { model, timeoutMs: allowed });
    next();
  };
